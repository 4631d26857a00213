/**
 * The reply in progress, put together from its frames.
 *
 * Frames are contiguous within a step; a frame of a later step or attempt replaces what the
 * dead one showed; an event that commits the text ends it; nothing of an epoch before the
 * current owner's is ever shown. A hole in the frames asks for a `sync`, and frames that come
 * in the meantime wait for its answer.
 */
import type { Delta, LogEvent, Reply } from "./wire";

export interface ReplyView {
  /** What may be shown now. */
  readonly shown: Reply | null;
  /** Frames that came behind a hole. */
  readonly early: readonly Delta[];
  /** The epoch of the current owner: frames of a lower one are void. */
  readonly epoch: number;
  /** The last committed place: frames at or before it are void. */
  readonly settled: Place;
}

/** A step of a turn; `step` is Infinity once the whole turn has spoken. */
interface Place {
  readonly turn: number;
  readonly step: number;
}

export const noReply: ReplyView = {
  shown: null,
  early: [],
  epoch: 0,
  settled: { turn: 0, step: 0 },
};

/** The view after a frame; `missing` asks for a `sync`. */
export function showDelta(view: ReplyView, delta: Delta): { view: ReplyView; missing: boolean } {
  if (isVoid(view, delta)) return { view, missing: false };
  if (view.early.length > 0) return { view: hold(view, delta), missing: false };
  const shown = extend(view.shown, delta);
  if (shown === "hole") return { view: hold(view, delta), missing: true };
  return { view: { ...view, shown }, missing: false };
}

/** The view after a committed event: its text replaces what was streamed. */
export function showEvent(view: ReplyView, event: LogEvent): ReplyView {
  if (event.type === "assistant_called") return settle(view, event.data);
  if (event.type === "assistant_said" && event.data.turn != null) {
    return settle(view, { turn: event.data.turn, step: Infinity });
  }
  if (event.type === "turn_ended") return settle(view, { turn: event.data.turn, step: Infinity });
  if (event.type === "owner_changed") return ownedSince(view, event.data.epoch);
  return view;
}

/** The view after a state, which holds the whole truth: frames it contains are not repeated. */
export function showState(
  view: ReplyView,
  state: { epoch: number; reply: Reply | null; events: readonly LogEvent[] },
): { view: ReplyView; missing: boolean } {
  const committed = state.events.reduce(showEvent, view);
  const shown = later(committed.shown, state.reply);
  let fresh = ownedSince({ ...committed, shown, early: [] }, state.epoch);
  let missing = false;
  for (const delta of committed.early) {
    const next = showDelta(fresh, delta);
    fresh = next.view;
    missing ||= next.missing;
  }
  return { view: fresh, missing };
}

/** A state's reply replaces the shown one, unless live frames have gone further since. */
function later(shown: Reply | null, told: Reply | null): Reply | null {
  if (shown === null || told === null) return told;
  const ahead = order(shown, told) || shown.n - told.n;
  return ahead > 0 ? shown : told;
}

function settle(view: ReplyView, place: Place): ReplyView {
  const further = place.turn - view.settled.turn || place.step - view.settled.step;
  if (further <= 0) return view;
  return prune({ ...view, settled: { turn: place.turn, step: place.step } });
}

function ownedSince(view: ReplyView, epoch: number): ReplyView {
  return prune({ ...view, epoch: Math.max(view.epoch, epoch) });
}

function prune(view: ReplyView): ReplyView {
  const shown = view.shown && isVoid(view, view.shown) ? null : view.shown;
  return { ...view, shown, early: view.early.filter((delta) => !isVoid(view, delta)) };
}

function isVoid(view: ReplyView, frame: Place & { epoch: number }): boolean {
  if (frame.epoch < view.epoch) return true;
  const { turn, step } = view.settled;
  return frame.turn < turn || (frame.turn === turn && frame.step <= step);
}

function hold(view: ReplyView, delta: Delta): ReplyView {
  return { ...view, early: [...view.early, delta] };
}

function extend(shown: Reply | null, delta: Delta): Reply | "hole" {
  const ahead = shown === null ? 1 : order(delta, shown);
  if (shown !== null && ahead < 0) return shown;
  if (shown !== null && ahead === 0) {
    if (delta.n <= shown.n) return shown;
    if (delta.n > shown.n + 1) return "hole";
    return { ...shown, n: delta.n, text: shown.text + delta.text };
  }
  if (delta.n !== 0) return "hole";
  const { turn, attempt, step, epoch, n, text } = delta;
  return { turn, attempt, step, epoch, n, text };
}

/** Frames are ordered by turn, step and attempt: a retry repeats the step it did not finish. */
function order(a: Place & { attempt: number }, b: Place & { attempt: number }): number {
  return a.turn - b.turn || a.step - b.step || a.attempt - b.attempt;
}
