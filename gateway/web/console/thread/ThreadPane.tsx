/** The middle pane: one conversation as it happens, and what can be done in it. */
import type { JSX } from "preact";
import { useDesk } from "../app/useDesk";
import { Composer } from "../composer/Composer";
import { Empty } from "../parts/Empty";
import { sentence } from "../parts/sentence";
import { Skeleton } from "../parts/Skeleton";
import { Log } from "./Log";
import { ThreadHead } from "./ThreadHead";

export function ThreadPane({ conversation }: { conversation: string | null }): JSX.Element {
  const { store } = useDesk();
  if (conversation === null) {
    return (
      <main class="pane p-thread">
        <Empty icon="inbox" title="No conversation open">
          <p>Choose one from the list. Watching does not tell the customer.</p>
        </Empty>
      </main>
    );
  }
  const thread = store.threadOf(conversation);
  return (
    <main class="pane p-thread" aria-label="Conversation">
      <a class="skip" href="#" onClick={skipToComposer}>
        Skip to the composer
      </a>
      <ThreadHead conversation={conversation} />
      {thread.refusal !== null ? (
        <Empty icon="lock" title="This conversation cannot be opened">
          <p>{sentence(thread.refusal)}</p>
        </Empty>
      ) : (
        <>
          {thread.known ? (
            <Log conversation={conversation} />
          ) : (
            <div class="scroll">
              <Skeleton of="talk" />
            </div>
          )}
          {thread.known && <Composer conversation={conversation} />}
        </>
      )}
    </main>
  );
}

function skipToComposer(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>(".composer textarea, .composer button")?.focus();
}
