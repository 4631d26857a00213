/** What the customer's side of a conversation is, folded from states, events and frames. */
import { append, catchUp, emptyJournal, type Journal } from "../shared/journal";
import { noReply, showDelta, showEvent, showState, type ReplyView } from "../shared/reply";
import type {
  CustomerState,
  Delta,
  Line,
  LogEvent,
  PublicHold,
  Status,
  WidgetSettings,
} from "../shared/wire";

export interface Conversation {
  /** Null until the customer has spoken. */
  readonly id: string | null;
  readonly journal: Journal;
  readonly reply: ReplyView;
  /** The seq up to which the assistant has begun to answer. */
  readonly heard: number;
  readonly status: Status;
  readonly assistant: string;
  readonly staff: string | null;
  readonly line: Line | null;
  readonly holds: ReadonlyMap<string, PublicHold>;
  readonly settings: WidgetSettings;
}

/** A folded conversation; `missing` asks for a `sync` after `journal.certain`. */
export interface Folded {
  readonly conversation: Conversation;
  readonly missing: boolean;
}

export const noConversation: Conversation = {
  id: null,
  journal: emptyJournal,
  reply: noReply,
  heard: 0,
  status: "assistant",
  assistant: "",
  staff: null,
  line: null,
  holds: new Map(),
  settings: {},
};

/** An empty conversation with this id; names and settings stay those of the deployment. */
export function begin(before: Conversation, id: string | null): Conversation {
  const { assistant, settings } = before;
  return { ...noConversation, id, assistant, settings };
}

/** Take a whole state in; one of another conversation replaces everything. */
export function foldState(before: Conversation, state: CustomerState): Folded {
  const same = before.id === state.conversation && !state.gap;
  const base = same ? before : begin(before, state.conversation);
  const { view, missing } = showState(base.reply, state);
  const journal = catchUp(base.journal, state);
  const conversation = {
    id: state.conversation,
    journal,
    reply: view,
    heard: view.shown === null ? base.heard : journal.reached,
    status: state.status,
    assistant: state.assistant?.name ?? base.assistant,
    staff: state.staff?.name ?? null,
    line: state.line,
    holds: heldBy(state, base.holds),
    settings: state.settings ?? base.settings,
  };
  return { conversation, missing };
}

/** Take a live event in; the start of another conversation begins that one. */
export function foldEvent(before: Conversation, event: LogEvent): Folded {
  const foreign = before.id !== null && before.id !== event.conversation;
  if (foreign && event.type !== "conversation_started") {
    return { conversation: before, missing: false }; // of the one that was left
  }
  const base = before.id === event.conversation ? before : begin(before, event.conversation);
  const { journal, added, missing } = append(base.journal, event, "public");
  if (!added) return { conversation: base, missing };
  const conversation = { ...base, journal, reply: showEvent(base.reply, event) };
  return { conversation: { ...conversation, ...changedBy(event, base) }, missing };
}

/** Take a frame of the reply in progress in. */
export function foldDelta(before: Conversation, delta: Delta): Folded {
  const { view, missing } = showDelta(before.reply, delta);
  const begins = before.reply.shown === null && view.shown !== null;
  const heard = begins ? before.journal.reached : before.heard;
  return { conversation: { ...before, reply: view, heard }, missing };
}

function changedBy(event: LogEvent, before: Conversation): Partial<Conversation> {
  switch (event.type) {
    case "owner_changed": {
      const status = event.data.status ?? before.status;
      const line = status === "waiting" ? before.line : null;
      return { status, staff: event.data.staff?.name ?? null, line };
    }
    case "conversation_closed":
      return { status: "closed", staff: null, line: null };
    case "conversation_reopened":
      return { status: before.status === "closed" ? "assistant" : before.status };
    case "held":
    case "hold_changed":
      return { holds: withChange(before.holds, event) };
    default:
      return {};
  }
}

type Holds = ReadonlyMap<string, PublicHold>;

/** The events tell of every hold there was, the state how those it names stand. */
function heldBy(state: CustomerState, before: Holds): Holds {
  const told = state.events.reduce((holds, event) => {
    return event.type === "held" || event.type === "hold_changed"
      ? withChange(holds, event)
      : holds;
  }, before);
  return new Map([...told, ...state.holds.map((hold) => [hold.hold, hold] as const)]);
}

/** A change carries what changed; what it leaves out stays. */
function withChange(holds: Holds, event: LogEvent & { type: "held" | "hold_changed" }): Holds {
  const { hold, status, title, money, expires_at, reason, question } = event.data;
  const held = holds.get(hold);
  return new Map(holds).set(hold, {
    hold,
    status: status ?? "held",
    title: title ?? held?.title ?? null,
    money: money ?? held?.money ?? null,
    expires_at: expires_at ?? held?.expires_at ?? null,
    reason: reason ?? null,
    question: question ?? null,
  });
}
