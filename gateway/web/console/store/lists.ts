/** The fold of everything that is not one conversation's log: who is here, what waits, what is held. */
import type { StaffFeed, StaffMember, StaffRole, StaffState } from "../../shared/wire";
import { type Conversation, type Hold, isSettled } from "./summaries";

/** The signed-in person. */
export interface Me {
  id: string;
  name: string;
  role: StaffRole;
}

/** All lists at one moment; `cursor` is where the next connection resumes them. */
export interface Lists {
  readonly cursor: string | number | null;
  readonly me: Me | null;
  /** The assistant's name. */
  readonly assistant: string;
  readonly staff: ReadonlyMap<string, StaffMember>;
  readonly conversations: ReadonlyMap<string, Conversation>;
  readonly holds: ReadonlyMap<string, Hold>;
}

/** Before the first `state`. */
export const NOTHING_YET: Lists = {
  cursor: null,
  me: null,
  assistant: "the assistant",
  staff: new Map(),
  conversations: new Map(),
  holds: new Map(),
};

/** A `state`, with what it also says. */
type Told = StaffState & { full?: boolean; assistant?: { name: string } };
type Keyed = { cursor: string | number };

/** Apply a `state`: only what changed since the cursor, or everything when it says `full`. */
export function began(lists: Lists, state: Told): Lists {
  const kept = state.full ? NOTHING_YET : lists;
  let next: Lists = {
    ...kept,
    cursor: state.cursor,
    me: { id: state.me.id, name: state.me.name, role: state.me.role },
    assistant: state.assistant?.name ?? lists.assistant,
    staff: new Map(state.staff.map((member) => [member.id, member])),
  };
  for (const row of state.conversations) next = conversationChanged(next, withCursor(row, state));
  for (const hold of state.holds) next = holdChanged(next, withCursor(hold, state));
  return next;
}

function withCursor<T extends object>(summary: T, { cursor }: Keyed): T & Keyed {
  return { ...summary, cursor };
}

/** Apply a `conversation`; a closed one leaves, an older one than known changes nothing. */
export function conversationChanged(lists: Lists, message: StaffFeed["conversation"]): Lists {
  const { cursor, ...row } = message;
  const known = lists.conversations.get(row.conversation);
  if (known && row.seq !== undefined && row.seq < known.seq) return { ...lists, cursor };
  const conversations = new Map(lists.conversations);
  if (row.status === "closed") conversations.delete(row.conversation);
  else conversations.set(row.conversation, { ...known, ...row } as unknown as Conversation);
  return { ...lists, cursor, conversations };
}

/** Apply a `hold`; a settled one stays known with what it was decided on, for the card. */
export function holdChanged(lists: Lists, message: StaffFeed["hold"]): Lists {
  const { cursor, ...changed } = message;
  const known = lists.holds.get(changed.hold);
  const holds = new Map(lists.holds);
  const hold = { ...known, ...changed } as Hold;
  if (known && isSettled(hold.status)) {
    hold.evidence = known.evidence;
    hold.reasons = known.reasons;
  }
  holds.set(hold.hold, hold);
  return { ...lists, cursor, holds };
}

/** Apply a `staff`: one person changed. */
export function staffChanged(lists: Lists, message: StaffFeed["staff"]): Lists {
  const staff = new Map(lists.staff);
  staff.set(message.id, { ...staff.get(message.id), ...message } as StaffMember);
  return { ...lists, staff };
}
