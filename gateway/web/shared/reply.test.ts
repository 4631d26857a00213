import { describe, expect, test } from "vitest";
import { noReply, showDelta, showEvent, showState, type ReplyView } from "./reply";
import type { Delta, LogEvent, Reply } from "./wire";

const frame = (n: number, text: string, at: Partial<Delta> = {}): Delta => ({
  turn: 1,
  attempt: 1,
  step: 1,
  epoch: 1,
  n,
  text,
  ...at,
});

const event = (type: string, data: object): LogEvent =>
  ({
    conversation: "c",
    seq: 9,
    v: 1,
    type,
    at: "",
    by: { role: "system" },
    epoch: 1,
    data,
  }) as LogEvent;

/** Show frames one by one; a missing frame throws. */
function show(view: ReplyView, ...frames: Delta[]): ReplyView {
  return frames.reduce((so, delta) => {
    const next = showDelta(so, delta);
    if (next.missing) throw new Error(`frame ${delta.n} left a hole`);
    return next.view;
  }, view);
}

const state = (
  reply: Reply | null,
  epoch = 1,
  events: LogEvent[] = [],
): Parameters<typeof showState>[1] => ({ epoch, reply, events });

const text = (view: ReplyView): string | undefined => view.shown?.text;

describe("frames", () => {
  test("contiguous frames make one text", () => {
    expect(text(show(noReply, frame(0, "He"), frame(1, "llo"), frame(2, " you")))).toBe(
      "Hello you",
    );
  });

  test("a repeated frame is not shown twice", () => {
    expect(
      text(show(noReply, frame(0, "He"), frame(1, "llo"), frame(1, "llo"), frame(0, "He"))),
    ).toBe("Hello");
  });

  test("a new attempt replaces what the dead one showed", () => {
    const view = show(
      noReply,
      frame(0, "Dead "),
      frame(1, "words"),
      frame(0, "Live", { attempt: 2 }),
    );
    expect(text(view)).toBe("Live");
    expect(text(show(view, frame(2, " ghost")))).toBe("Live");
  });

  test("a new step begins a new text", () => {
    const called = showEvent(
      show(noReply, frame(0, "Let me look.")),
      event("assistant_called", { turn: 1, attempt: 1, step: 1, text: "Let me look." }),
    );
    expect(called.shown).toBeNull();
    expect(text(show(called, frame(0, "Found it", { step: 2 })))).toBe("Found it");
  });

  test("a hole asks for a sync and shows nothing behind it", () => {
    const first = show(noReply, frame(0, "a"));
    const { view, missing } = showDelta(first, frame(2, "c"));
    expect(missing).toBe(true);
    expect(text(view)).toBe("a");
  });

  test("a reply that is joined in the middle asks for a sync", () => {
    expect(showDelta(noReply, frame(4, "e")).missing).toBe(true);
  });

  test("while a sync is under way, later frames wait and ask no second time", () => {
    const { view } = showDelta(show(noReply, frame(0, "a")), frame(2, "c"));
    const more = showDelta(view, frame(3, "d"));
    expect(more.missing).toBe(false);
    expect(text(showState(more.view, state({ ...frame(1, ""), text: "ab" })).view)).toBe("abcd");
  });
});

describe("states", () => {
  test("a reload goes on behind the frame that the state contains", () => {
    const { view } = showState(noReply, state({ ...frame(7, ""), text: "so far" }));
    expect(text(show(view, frame(7, "far"), frame(8, ", so good")))).toBe("so far, so good");
  });

  test("a state that still leaves a hole asks again", () => {
    const { view } = showDelta(noReply, frame(5, "f"));
    expect(showState(view, state({ ...frame(3, ""), text: "abcd" })).missing).toBe(true);
  });

  test("an older state does not take shown frames back", () => {
    const view = show(noReply, frame(0, "a"), frame(1, "b"), frame(2, "c"));
    expect(text(showState(view, state({ ...frame(1, ""), text: "ab" })).view)).toBe("abc");
  });

  test("a state without a reply ends what was shown", () => {
    expect(showState(show(noReply, frame(0, "a")), state(null)).view.shown).toBeNull();
  });
});

describe("committed text", () => {
  test("the reply is replaced by its event, and a late frame of that turn is void", () => {
    const said = showEvent(
      show(noReply, frame(0, "Hel")),
      event("assistant_said", { turn: 1, text: "Hello" }),
    );
    expect(said.shown).toBeNull();
    expect(showDelta(said, frame(1, "lo"))).toEqual({ view: said, missing: false });
    expect(showDelta(said, frame(0, "lo", { step: 2 })).view.shown).toBeNull();
  });

  test("a greeting has no turn and ends no reply", () => {
    const view = show(noReply, frame(0, "Hel"));
    expect(showEvent(view, event("assistant_said", { text: "Hi, how can I help?" }))).toEqual(view);
  });

  test("the next turn is shown after the last one was said", () => {
    const said = showEvent(noReply, event("assistant_said", { turn: 1, text: "Hello" }));
    expect(text(show(said, frame(0, "Next", { turn: 2, step: 2 })))).toBe("Next");
  });
});

describe("owners", () => {
  const taken = event("owner_changed", { status: "human", staff: { name: "Mara" }, epoch: 2 });

  test("a takeover ends the reply, and no frame of the old epoch is shown again", () => {
    const view = showEvent(show(noReply, frame(0, "I will")), taken);
    expect(view.shown).toBeNull();
    for (const late of [
      frame(1, " pay"),
      frame(0, "Again", { attempt: 2 }),
      frame(0, "More", { turn: 2, step: 2 }),
    ]) {
      expect(showDelta(view, late)).toEqual({ view, missing: false });
    }
  });

  test("frames that waited for a sync are void too", () => {
    const { view } = showDelta(show(noReply, frame(0, "a")), frame(2, "c"));
    expect(showEvent(view, taken).early).toEqual([]);
  });

  test("a state's reply of an older epoch is not shown", () => {
    const view = showEvent(noReply, taken);
    expect(showState(view, state({ ...frame(3, ""), text: "late" }, 1)).view.shown).toBeNull();
  });

  test("the assistant speaks again in its own new epoch", () => {
    const back = showEvent(
      showEvent(noReply, taken),
      event("owner_changed", { status: "assistant", staff: null, epoch: 3 }),
    );
    expect(text(show(back, frame(0, "I am back", { turn: 2, step: 2, epoch: 3 })))).toBe(
      "I am back",
    );
  });
});
