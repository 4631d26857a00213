/** What the person wrote and the log does not show yet; a refused one says why and can be sent again. */
import type { JSX } from "preact";
import { useDesk } from "../app/useDesk";
import type { Written } from "../link/desk";
import type { Letter } from "../../shared/outbox";
import { Icon } from "../parts/Icon";
import { sentence } from "../parts/sentence";

export function Unsent({ conversation }: { conversation: string }): JSX.Element {
  const { outbox } = useDesk();
  const letters = outbox.letters.value.filter(
    ({ payload }) => payload.conversation === conversation,
  );
  return (
    <>
      {letters.map((letter) => (
        <UnsentMessage key={letter.id} letter={letter} />
      ))}
    </>
  );
}

function UnsentMessage({ letter }: { letter: Letter<Written> }): JSX.Element {
  const { outbox, link } = useDesk();
  const { mode, text } = letter.payload;
  const failed = letter.state === "failed";
  const looks = mode === "note" ? "msg note" : "msg ours person";
  return (
    <article class={`${looks} ${failed ? "refused" : "pending"}`}>
      <div class="who">
        <Icon name={mode === "note" ? "lock" : "person"} />
        <b>You</b>
        {mode === "note" && "Internal note"}
        {failed ? (
          <span class="c-danger">not sent</span>
        ) : (
          <span>{waiting(letter, link.phase.value === "online")}</span>
        )}
      </div>
      <div class="body" dir="auto">
        {text}
      </div>
      {failed && (
        <div class="under xs" role="alert">
          <span class="c-danger">{sentence(letter.failure ?? "")}</span>
          <button type="button" class="lnk" onClick={() => outbox.retry(letter.id)}>
            Try again
          </button>
          <button type="button" class="lnk" onClick={() => outbox.drop(letter.id)}>
            Discard
          </button>
        </div>
      )}
    </article>
  );
}

function waiting({ state }: Letter<Written>, online: boolean): string {
  if (state === "sent") return "sent";
  if (!online) return "not sent yet";
  return state === "delayed" ? "the server asks to wait" : "sending";
}
