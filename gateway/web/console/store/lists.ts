/** The fold of everything that is not one conversation's log: who is here, what waits, what is held. */
import type { StaffFeed, StaffMember, StaffRole, StaffState, Tool } from "../../shared/wire";
import { type Conversation, type Hold, isSettled } from "./summaries";

/** The signed-in person. */
export interface Me {
  id: string;
  name: string;
  role: StaffRole;
}

/** All lists at one moment; `cursor` is where the next connection resumes them. */
export interface Lists {
  readonly cursor: string | null;
  readonly me: Me | null;
  /** The assistant's name. */
  readonly assistant: string;
  readonly staff: ReadonlyMap<string, StaffMember>;
  readonly conversations: ReadonlyMap<string, Conversation>;
  readonly holds: ReadonlyMap<string, Hold>;
  /** What the owner of a conversation may call. */
  readonly tools: readonly Tool[];
}

/** Before the first `state`. */
export const NOTHING_YET: Lists = {
  cursor: null,
  me: null,
  assistant: "the assistant",
  staff: new Map(),
  conversations: new Map(),
  holds: new Map(),
  tools: [],
};

/** Apply a `state`: only what changed since the cursor, or everything when it says `full`. */
export function began(lists: Lists, state: StaffState): Lists {
  const kept = state.full ? NOTHING_YET : lists;
  let next: Lists = {
    ...kept,
    cursor: state.cursor,
    me: state.me,
    assistant: state.assistant.name,
    tools: state.tools,
    staff: new Map(state.staff.map((member) => [member.id, member])),
  };
  const { cursor } = state;
  for (const row of state.conversations) next = conversationChanged(next, { ...row, cursor });
  for (const hold of state.holds) next = holdChanged(next, { ...hold, cursor });
  return next;
}

/** Apply a `conversation`; a closed one leaves, an older one than known changes nothing. */
export function conversationChanged(lists: Lists, message: StaffFeed["conversation"]): Lists {
  const { cursor, ...row } = message;
  const known = lists.conversations.get(row.conversation);
  if (known && row.seq < known.seq) return { ...lists, cursor };
  const conversations = new Map(lists.conversations);
  if (row.status === "closed") conversations.delete(row.conversation);
  else conversations.set(row.conversation, row);
  return { ...lists, cursor, conversations };
}

/** Apply a `hold`; a settled one stays known with what it was decided on, for the card. */
export function holdChanged(lists: Lists, message: StaffFeed["hold"]): Lists {
  const { cursor, ...hold } = message;
  const known = lists.holds.get(hold.hold);
  const holds = new Map(lists.holds);
  if (known && isSettled(hold.status)) {
    hold.evidence = known.evidence;
    hold.reasons = known.reasons;
  }
  holds.set(hold.hold, hold);
  return { ...lists, cursor, holds };
}

/** Apply a `staff`: one person changed. */
export function staffChanged(lists: Lists, person: StaffFeed["staff"]): Lists {
  const staff = new Map(lists.staff);
  staff.set(person.id, person);
  return { ...lists, staff };
}
