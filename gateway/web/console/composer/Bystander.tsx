/** Instead of the composer for who does not own the conversation: who does, and what can be done. */
import type { JSX } from "preact";
import { useDesk } from "../app/useDesk";
import { Icon, type IconName } from "../parts/Icon";
import { capital } from "../parts/sentence";
import { type People, useConversation } from "../thread/useConversation";
import { useOwnership } from "./useOwnership";

export function Bystander({
  conversation,
  note,
}: {
  conversation: string;
  note: () => void;
}): JSX.Element {
  const desk = useDesk();
  const people = useConversation(conversation);
  const { claimable, busy, claim } = useOwnership(conversation);
  const writing = desk.store.threadOf(conversation).reply.shown !== null;
  const draft = desk.drafts.texts.value && desk.drafts.read(conversation, "reply");
  const { icon, tone, title, detail } = words(people, writing, claimable !== null);
  return (
    <div class="box still">
      <div class="row">
        <span class={tone}>
          <Icon name={icon} />
        </span>
        <div class="grow">
          <div class="m5">
            {title}
            {draft && ". Your draft is kept."}
          </div>
          {detail && <div class="xs muted">{detail}</div>}
        </div>
        <button class="btn" type="button" onClick={note}>
          <Icon name="note" />
          Note <kbd>N</kbd>
        </button>
        {claimable && (
          <button class="btn primary" type="button" disabled={busy} onClick={() => void claim()}>
            <Icon name="takeover" />
            {claimable === "accept" ? "Accept" : "Take over"} <kbd>T</kbd>
          </button>
        )}
      </div>
      {draft && <div class="kept s cut">{draft}</div>}
    </div>
  );
}

interface Words {
  icon: IconName;
  tone: string;
  title: string;
  detail: string | null;
}

function words(
  { owner, first, assistant, colleague }: People,
  writing: boolean,
  claimable: boolean,
): Words {
  if (owner === "assistant") {
    const name = capital(assistant);
    return {
      icon: "assistant",
      tone: "c-assistant",
      title: writing ? `${name} is writing to ${first}` : `${name} is answering ${first}`,
      detail: writing
        ? `Taking over stops this reply at once. What ${first} has seen stays.`
        : "Taking over is immediate, also in the middle of a reply.",
    };
  }
  if (owner === "line") {
    return {
      icon: "clock",
      tone: "c-hold",
      title: `${capital(first)} is waiting for a person`,
      detail: null,
    };
  }
  if (owner === "nobody") {
    return { icon: "check", tone: "muted", title: "This conversation is closed", detail: null };
  }
  const detail = claimable ? null : "A supervisor can take over from a colleague.";
  return {
    icon: "person",
    tone: "c-person",
    title: `${colleague ?? "A colleague"} speaks to ${first} now`,
    detail,
  };
}
