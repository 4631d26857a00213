/** What the log shows, in order: messages grouped by who speaks, lines of the system, holds. */
import type { Letter } from "../shared/outbox";
import type { By, EventOf, Instant, LogEvent, PublicHold } from "../shared/wire";
import type { Conversation } from "./conversation";

/** How far one of the customer's own messages has come. */
export type Delivery = "waiting" | "delayed" | "failed" | "sent" | "seen";

/** A command that the widget keeps until it is acknowledged; `after` is its place in the log. */
export type Written =
  { kind: "say"; text: string; after: number; new?: true } | { kind: "ask_human" };

/** What stopped a reply in its middle: a person who took over, or anything else. */
export type Cut = "takeover" | "other";

export interface Bubble {
  readonly key: string;
  readonly text: string;
  readonly cut?: Cut | null;
}

const GREETING = "greeting";
const STAFF_GROUP_MS = 5 * 60_000;

/** When and by whom a held action last changed, and when it was asked for. */
export interface HoldHistory {
  readonly requestedAt: Instant | null;
  readonly changedAt: Instant | null;
  readonly changedBy: By | null;
}

export type Item =
  | {
      kind: "mine";
      key: string;
      bubbles: Bubble[];
      delivery: Delivery;
      letter: string | null;
      failure: string | null;
      failedAfter: number | null;
    }
  | {
      kind: "theirs";
      key: string;
      role: "assistant" | "staff";
      name: string;
      /** The assistant's turn; null of its greeting and of people. */
      turn: number | null;
      at: Instant;
      bubbles: Bubble[];
    }
  | { kind: "system"; key: string; text: string }
  | { kind: "ended"; key: string; at: Instant; byCustomer: boolean }
  | { kind: "hold"; key: string; hold: PublicHold; history: HoldHistory };

type Mine = Extract<Item, { kind: "mine" }>;
type Theirs = Extract<Item, { kind: "theirs" }>;

/** The items of a conversation, then the letters that are on their way. */
export function itemsOf(
  conversation: Conversation,
  letters: readonly Letter<Written>[],
  seen: number,
): Item[] {
  const { events } = conversation.journal;
  const read = Math.max(seen, conversation.heard, lastAnswer(events));
  const written = letters.flatMap((letter) => letterItem(letter));
  const said = events.flatMap((event) => [
    ...itemOf(event, conversation, read),
    ...written.filter((item) => item.failedAfter === event.seq),
  ]);
  const known = new Set(said.map((item) => item.key));
  const unseen = [...conversation.holds.values()].filter(({ hold }) => !known.has(`hold:${hold}`));
  const holds = unseen.map((hold) => holdItem(hold, events));
  const waiting = written.filter((item) => !known.has(item.key));
  const greeting = events.length === 0 ? greetingItem(conversation, letters[0]) : [];
  return grouped([...greeting, ...said, ...holds, ...waiting]);
}

/** The greeting stands in the log as soon as the customer has answered it. */
function greetingItem(
  { settings, assistant }: Conversation,
  first: Letter<Written> | undefined,
): Theirs[] {
  if (!settings.greeting || first?.payload.kind !== "say") return [];
  const at = new Date(first.at_ms).toISOString();
  const bubbles = [{ key: GREETING, text: settings.greeting }];
  const greets = { role: "assistant", name: assistant, turn: null, at, bubbles } as const;
  return [{ kind: "theirs", key: GREETING, ...greets }];
}

/** The turn whose words go on below the last item: the one being written, or still at its tools. */
export function turnGoingOn({ reply, journal }: Conversation): number | null {
  if (reply.shown !== null) return reply.shown.turn;
  const said = ["assistant_said", "assistant_called"];
  const last = journal.events.findLast(({ type }) => said.includes(type));
  return last?.type === "assistant_called" ? last.data.turn : null;
}

/** Whether the assistant owes a word: the last thing said or decided is not its own. */
export function awaitsAssistant({ status, journal, reply }: Conversation): boolean {
  if (status !== "assistant" || reply.shown !== null) return false;
  const last = journal.events.findLast(
    (event) => opensTurn(event) || event.type === "assistant_said",
  );
  return last !== undefined && last.type !== "assistant_said";
}

/** An answer proves that what came before it was read. */
function lastAnswer(events: readonly LogEvent[]): number {
  const answers = ["assistant_said", "assistant_called", "staff_said"];
  return events.findLast(({ type }) => answers.includes(type))?.seq ?? 0;
}

function opensTurn(event: LogEvent): boolean {
  if (event.type === "customer_said" || event.type === "assistant_called") return true;
  const told = ["rejected", "expired", "succeeded", "failed", "unknown"];
  return event.type === "hold_changed" && told.includes(event.data.status);
}

function itemOf(event: LogEvent, conversation: Conversation, read: number): Item[] {
  switch (event.type) {
    case "customer_said":
      return [mine(`said:${event.data.id}`, event.data.text, event.seq <= read ? "seen" : "sent")];
    case "assistant_said":
    case "assistant_called":
    case "staff_said":
      return event.data.text.trim() === "" ? [] : [theirs(event, conversation)];
    case "system_said":
      if (event.data.code === "left") return []; // the line of the ending says who and when
      return [{ kind: "system", key: `e${event.seq}`, text: event.data.text }];
    case "conversation_closed":
      return [
        {
          kind: "ended",
          key: `e${event.seq}`,
          at: event.at,
          byCustomer: event.by.role === "customer",
        },
      ];
    case "held": {
      const hold = conversation.holds.get(event.data.hold);
      return hold ? [holdItem(hold, conversation.journal.events)] : [];
    }
    default:
      return [];
  }
}

function mine(key: string, text: string, delivery: Delivery): Mine {
  return {
    kind: "mine",
    key,
    bubbles: [{ key, text }],
    delivery,
    letter: null,
    failure: null,
    failedAfter: null,
  };
}

function theirs(
  event: EventOf<"assistant_said"> | EventOf<"assistant_called"> | EventOf<"staff_said">,
  { assistant, staff, journal }: Conversation,
): Theirs {
  const greets = event.type === "assistant_said" && event.data.turn == null;
  const key = greets && event.seq < 4 ? GREETING : `e${event.seq}`;
  const role = event.type === "staff_said" ? "staff" : "assistant";
  const name = event.by.name ?? (role === "staff" ? staff : assistant) ?? "";
  const turn = event.type === "staff_said" ? null : (event.data.turn ?? null);
  const cut = event.type === "assistant_said" && event.data.partial ? cutBy(event, journal) : null;
  return {
    kind: "theirs",
    key,
    role,
    name,
    turn,
    at: event.at,
    bubbles: [{ key, text: event.data.text, cut }],
  };
}

function cutBy({ seq }: LogEvent, { events }: Conversation["journal"]): Cut {
  const cuts = ["owner_changed", "customer_said"];
  const next = events.find((event) => event.seq > seq && cuts.includes(event.type));
  return next?.type === "owner_changed" && next.data.status === "human" ? "takeover" : "other";
}

function holdItem(hold: PublicHold, events: readonly LogEvent[]): Item {
  const isMine = (event: LogEvent): event is EventOf<"held"> | EventOf<"hold_changed"> =>
    (event.type === "held" || event.type === "hold_changed") && event.data.hold === hold.hold;
  const own = events.filter(isMine);
  const last = own.findLast((event) => event.type === "hold_changed");
  const history = {
    requestedAt: own.find((event) => event.type === "held")?.at ?? null,
    changedAt: last?.at ?? null,
    changedBy: last?.by ?? null,
  };
  return { kind: "hold", key: `hold:${hold.hold}`, hold, history };
}

/** A failed letter keeps the place it was written at; others go to the end. */
function letterItem({ id, payload, state, failure }: Letter<Written>): Mine[] {
  if (payload.kind !== "say") return [];
  const failedAfter = state === "failed" ? payload.after : null;
  return [{ ...mine(`said:${id}`, payload.text, state), letter: id, failure, failedAfter }];
}

/** Neighbours by the same speaker share a group: of the assistant the words of one turn, of people
 * what they say within minutes. A failed message stands alone. */
function grouped(items: readonly Item[]): Item[] {
  const groups: Item[] = [];
  for (const item of items) {
    const last = groups.at(-1);
    const joined = last && join(last, item);
    if (joined) groups[groups.length - 1] = joined;
    else groups.push(item);
  }
  return groups;
}

function join(last: Item, item: Item): Item | null {
  if (last.kind === "mine" && item.kind === "mine") {
    const alike = last.delivery === item.delivery && item.delivery !== "failed";
    return alike ? { ...last, bubbles: [...last.bubbles, ...item.bubbles] } : null;
  }
  if (last.kind === "theirs" && item.kind === "theirs") {
    const soon = Date.parse(item.at) - Date.parse(last.at) < STAFF_GROUP_MS;
    const alike = last.role === item.role && last.name === item.name && last.turn === item.turn;
    return alike && (item.role === "assistant" || soon) ? { ...last, bubbles: [...last.bubbles, ...item.bubbles] } : null;
  }
  return null;
}
