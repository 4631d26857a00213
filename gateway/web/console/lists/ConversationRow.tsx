/** One conversation in a list: who has it, who it is, how long they wait, their last words, why. */
import type { JSX } from "preact";
import { address, route } from "../app/route";
import { useDesk } from "../app/useDesk";
import { now_ms } from "../parts/clock";
import { Icon } from "../parts/Icon";
import { Since } from "../parts/Since";
import { type Conversation, customerName } from "../store/summaries";
import { type View, waitsSince } from "./groups";

export function ConversationRow({ row }: { row: Conversation }): JSX.Element {
  const { assistant } = useDesk().store.lists.value;
  const open = route.value.id === row.conversation;
  const unread = row.unread > 0 && row.owner !== "assistant";
  const reason = row.reasons[0];
  return (
    <a
      class={unread ? "conv unread" : "conv"}
      href={address(viewOf(row), row.conversation)}
      aria-current={open ? "true" : undefined}
    >
      <OwnerGlyph row={row} />
      <span class="name cut">{customerName(row)}</span>
      <span class="row tight">
        <Wait row={row} />
        {unread && !open && <span class="dot" title="Unread" />}
      </span>
      <span class="last cut">{lastWords(row, assistant)}</span>
      {(reason || row.holds.length > 0) && (
        <span class="tags">
          {reason && (
            <span class="chip plain">
              <span>{reason.text}</span>
            </span>
          )}
          {row.holds.length > 0 && (
            <span class="chip hold">
              <Icon name="hold" />
              Hold
            </span>
          )}
        </span>
      )}
    </a>
  );
}

function OwnerGlyph({ row }: { row: Conversation }): JSX.Element {
  if (row.owner === "assistant") {
    return (
      <span class="c-assistant" title="With the assistant">
        <Icon name="assistant" />
      </span>
    );
  }
  if (row.owner === "line") {
    return (
      <span class={isLate(row) ? "c-danger" : "muted"} title="In line">
        <Icon name="clock" />
      </span>
    );
  }
  return (
    <span class="c-person" title={row.staff ? `With ${row.staff}` : "With a person"}>
      <Icon name="person" />
    </span>
  );
}

function Wait({ row }: { row: Conversation }): JSX.Element {
  const since = waitsSince(row);
  return (
    <span class={isLate(row) ? "when late" : "when"}>
      <Since at={since ?? row.at} />
    </span>
  );
}

function isLate(row: Conversation): boolean {
  return row.due_at !== null && Date.parse(row.due_at) <= now_ms();
}

function viewOf(row: Conversation): View {
  if (row.owner === "line") return "line";
  return row.owner === "assistant" ? "live" : "mine";
}

function lastWords(row: Conversation, assistant: string): string {
  if (!row.last) return "Nothing said yet";
  const { by, text } = row.last;
  if (by === "assistant") return `${assistant}: ${text}`;
  return by === "staff" ? `Us: ${text}` : text;
}
