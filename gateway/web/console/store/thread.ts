/** The fold of one watched conversation: its events, who owns it, the reply being written. Pure. */
import type { Delta, LogEvent, WatchState } from "../../shared/wire";
import { append, catchUp, emptyJournal, type Journal } from "../../shared/journal";
import { noReply, type ReplyView, showDelta, showEvent, showState } from "../../shared/reply";

/** A watched conversation; `left` is the seq at which the connection was lost. */
export interface Thread {
  readonly conversation: string;
  readonly owner: string;
  readonly journal: Journal;
  readonly reply: ReplyView;
  /** Its log is here, though events may follow that are not. */
  readonly known: boolean;
  /** The server would not let it be watched. */
  readonly refusal: string | null;
  readonly left: number | null;
}

/** A thread and whether something is missing before it is whole again. */
export interface Followed {
  thread: Thread;
  missing: boolean;
}

/** A conversation nobody has told us anything of. */
export function unknownThread(conversation: string): Thread {
  return {
    conversation,
    owner: "",
    journal: emptyJournal,
    reply: noReply,
    known: false,
    refusal: null,
    left: null,
  };
}

/** Apply the answer to a watch. */
export function caughtUp(thread: Thread, state: WatchState): Followed {
  const { view, missing } = showState(thread.reply, state);
  const journal = catchUp(thread.journal, state);
  return {
    thread: { ...thread, owner: state.owner, journal, reply: view, known: true, refusal: null },
    missing,
  };
}

/** Apply an event; one already known changes nothing. */
export function happened(thread: Thread, event: LogEvent): Followed {
  const { journal, added, missing } = append(thread.journal, event, "every");
  if (!added) return { thread, missing };
  const owner = event.type === "owner_changed" ? (event.data.to ?? thread.owner) : thread.owner;
  return { thread: { ...thread, journal, owner, reply: showEvent(thread.reply, event) }, missing };
}

/** Apply a frame of the reply being written. */
export function written(thread: Thread, delta: Delta): Followed {
  const { view, missing } = showDelta(thread.reply, delta);
  return { thread: view === thread.reply ? thread : { ...thread, reply: view }, missing };
}

/** The connection was lost: what comes next is marked as new. */
export function left(thread: Thread): Thread {
  return { ...thread, left: thread.journal.reached };
}
