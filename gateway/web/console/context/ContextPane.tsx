/** The right pane: why it came here, what is held, who the customer is, what was briefed. */
import type { JSX } from "preact";
import { address, route } from "../app/route";
import { useDesk } from "../app/useDesk";
import { holdsOf } from "../hold/history";
import { Icon } from "../parts/Icon";
import { customer } from "../thread/facts";
import { Allowed } from "./Allowed";
import { Briefs } from "./Briefs";
import { CustomerFacts } from "./CustomerFacts";
import { HoldsHere } from "./HoldsHere";
import { Why } from "./Why";

export function ContextPane({ conversation }: { conversation: string | null }): JSX.Element {
  const { store } = useDesk();
  const thread = conversation === null ? null : store.threadOf(conversation);
  const row = store.lists.value.conversations.get(conversation ?? "");
  const { view } = route.value;
  const known = thread ? customer(thread.journal.events) : null;
  return (
    <aside class="pane p-context" aria-label="Context">
      <div class="bar">
        {conversation !== null && (
          <a
            class="btn ghost icon narrow-only"
            href={address(view, conversation)}
            aria-label="Back to the conversation"
          >
            <Icon name="back" />
          </a>
        )}
        <h1 class="grow">Context</h1>
      </div>
      {thread?.known && (
        <div class="scroll" tabIndex={0} role="region" aria-label="About this conversation">
          <Why events={thread.journal.events} row={row ?? null} />
          <HoldsHere holds={holdsOf(thread.journal.events)} />
          <Briefs events={thread.journal.events} />
          {known && <CustomerFacts customer={known} />}
          <Allowed
            key={thread.conversation}
            conversation={thread.conversation}
            events={thread.journal.events}
          />
        </div>
      )}
    </aside>
  );
}
