/** A conversation's events as a client holds them: in order, each once, with what is missing. */
import type { LogEvent } from "./wire";

/**
 * `reached` is the highest seq received, the place to resume from; `certain` the seq up to
 * which nothing can be missing, the place to `sync` from.
 */
export interface Journal {
  readonly events: readonly LogEvent[];
  readonly reached: number;
  readonly certain: number;
}

export const emptyJournal: Journal = { events: [], reached: 0, certain: 0 };

/** What an event did to a journal; `missing` asks for a `sync` after `journal.certain`. */
export interface Appended {
  readonly journal: Journal;
  readonly added: boolean;
  readonly missing: boolean;
}

/** Who receives every event sees a gap in their seqs; customers are sent the public ones only. */
export type Numbering = "every" | "public";

/** Take one live event in; a repeated one changes nothing, one behind a gap waits for a sync. */
export function append(journal: Journal, event: LogEvent, numbering: Numbering): Appended {
  if (event.seq <= journal.reached) return { journal, added: false, missing: false };
  if (numbering === "every" && event.seq > journal.reached + 1) {
    return { journal, added: false, missing: true };
  }
  const next = {
    events: [...journal.events, event],
    reached: event.seq,
    certain: numbering === "every" ? event.seq : journal.certain,
  };
  return { journal: next, added: true, missing: false };
}

/** Take a state in: its events join the held ones, or replace them all after a `gap`. */
export function catchUp(
  journal: Journal,
  state: { seq: number; events: readonly LogEvent[]; gap?: boolean },
): Journal {
  const bySeq = new Map<number, LogEvent>();
  if (!state.gap) for (const event of journal.events) bySeq.set(event.seq, event);
  for (const event of state.events) bySeq.set(event.seq, event);
  const events = [...bySeq.values()].sort((a, b) => a.seq - b.seq);
  const last = events.at(-1)?.seq ?? 0;
  return { events, reached: Math.max(state.seq, last), certain: state.seq };
}
