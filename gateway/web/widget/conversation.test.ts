import { describe, expect, test } from "vitest";
import type { CustomerState, LogEvent, Role } from "../shared/wire";
import { foldDelta, foldEvent, foldState, noConversation, type Conversation } from "./conversation";
import { holdWords } from "./holdWords";
import { awaitsAssistant, itemsOf, turnGoingOn } from "./items";
import type { Letter } from "../shared/outbox";
import type { Written } from "./items";

let seq = 0;

const event = (type: string, data: object, role: Role = "system", conversation = "c_1"): LogEvent =>
  ({
    conversation,
    seq: ++seq,
    v: 1,
    type,
    at: "2026-01-02T03:04:05.678Z",
    by: { role, name: role },
    epoch: 1,
    data,
  }) as LogEvent;

const said = (id: string, text: string): LogEvent =>
  event("customer_said", { id, text }, "customer");

const fold = (before: Conversation, ...events: LogEvent[]): Conversation =>
  events.reduce((so, one) => foldEvent(so, one).conversation, before);

const state = (changes: Partial<CustomerState>): CustomerState => ({
  conversation: "c_1",
  resume: "r",
  seq,
  epoch: 1,
  status: "assistant",
  assistant: { name: "Ada" },
  staff: null,
  reply: null,
  line: null,
  holds: [],
  events: [],
  gap: false,
  settings: {},
  ...changes,
});

const letter = (id: string, state: Letter<Written>["state"], after: number): Letter<Written> => ({
  id,
  payload: { kind: "say", text: id, after },
  at_ms: 0,
  state,
  failure: null,
});

const shown = (conversation: Conversation, letters: Letter<Written>[] = []): string[] =>
  itemsOf(conversation, letters, 0).map((item) =>
    item.kind === "mine"
      ? `${item.delivery}: ${item.bubbles.map(({ text }) => text).join(" | ")}`
      : item.kind,
  );

describe("the conversation", () => {
  test("a state of another conversation replaces everything", () => {
    const before = fold(noConversation, said("m1", "old"));
    const { conversation } = foldState(before, state({ conversation: "c_2", events: [] }));
    expect([conversation.id, conversation.journal.events.length]).toEqual(["c_2", 0]);
  });

  test("the start of a new conversation begins it, and a late event of the old one is ignored", () => {
    const before = fold(noConversation, said("m1", "old"));
    const late = event("system_said", { text: "late" });
    const started = fold(before, event("conversation_started", {}, "system", "c_2"));
    expect([started.id, started.journal.events.length, fold(started, late)]).toEqual([
      "c_2",
      1,
      started,
    ]);
  });

  test("the line is left when a person takes over", () => {
    const waiting = foldState(
      noConversation,
      state({ status: "waiting", line: { position: 2, wait_s: null, deadline: null } }),
    ).conversation;
    const taken = fold(
      waiting,
      event("owner_changed", { status: "human", staff: { name: "Mara" }, epoch: 2 }),
    );
    expect([taken.status, taken.staff, taken.line]).toEqual(["human", "Mara", null]);
  });

  test("the assistant owes a word after a message, not once it has spoken or handed over", () => {
    const asked = fold(noConversation, said("m1", "Hello?"));
    const frame = { turn: 1, attempt: 1, step: 1, epoch: 1, n: 0, text: "Hi" };
    const handed = fold(
      asked,
      event("owner_changed", { status: "waiting", staff: null, epoch: 2 }),
    );
    const answered = fold(asked, event("assistant_said", { turn: 1, text: "Hi" }, "assistant"));
    expect(
      [asked, foldDelta(asked, frame).conversation, handed, answered].map(awaitsAssistant),
    ).toEqual([true, false, false, false]);
  });
});

describe("the log", () => {
  test("a message is seen once it is answered", () => {
    const asked = fold(noConversation, said("m1", "one"), said("m2", "two"));
    expect(shown(asked)).toEqual(["sent: one | two"]);
    expect(shown(fold(asked, event("staff_said", { text: "Yes?" }, "staff")))).toEqual([
      "seen: one | two",
      "theirs",
    ]);
  });

  test("a failed message keeps its place when later ones arrive", () => {
    const first = said("m1", "one");
    const conversation = fold(noConversation, first, said("m3", "three"));
    expect(
      shown(conversation, [letter("m2", "failed", first.seq), letter("m4", "waiting", first.seq)]),
    ).toEqual(["sent: one", "failed: m2", "sent: three", "waiting: m4"]);
  });

  test("a message whose event has come is not shown a second time", () => {
    expect(shown(fold(noConversation, said("m1", "one")), [letter("m1", "sent", 0)])).toEqual([
      "sent: one",
    ]);
  });

  test("a step without words is not a message", () => {
    expect(
      shown(
        fold(
          noConversation,
          event("assistant_called", { turn: 1, attempt: 1, step: 1, text: "" }, "assistant"),
        ),
      ),
    ).toEqual([]);
  });
});

describe("what the assistant says", () => {
  const called = (turn: number): LogEvent =>
    event("assistant_called", { turn, attempt: 1, step: 1, text: "Let me see." }, "assistant");
  const replied = (turn: number, more: object = {}): LogEvent =>
    event("assistant_said", { turn, text: "Here it is.", ...more }, "assistant");

  /** The words of each group, in order. */
  const groups = (...events: LogEvent[]): string[] =>
    itemsOf(fold(noConversation, ...events), [], 0).flatMap((item) =>
      item.kind === "theirs" ? [item.bubbles.map(({ text }) => text).join(" | ")] : [],
    );

  test("stands together by turns", () => {
    expect(groups(called(1), replied(1), replied(2))).toEqual([
      "Let me see. | Here it is.",
      "Here it is.",
    ]);
  });

  test("goes on below the step that called tools, until it is said", () => {
    const calling = fold(noConversation, said("m1", "Where?"), called(1));
    const frame = { turn: 1, attempt: 1, step: 2, epoch: 1, n: 0, text: "Here" };
    const written = foldDelta(calling, frame).conversation;
    const done = fold(calling, replied(1));
    expect([calling, written, done].map(turnGoingOn)).toEqual([1, 1, null]);
  });

  test("names a person as what stopped it only when one took over", () => {
    const stopped = (status: string): unknown => {
      const events = [
        replied(1, { partial: true }),
        event("owner_changed", { status, staff: null, epoch: 2 }),
      ];
      const item = itemsOf(fold(noConversation, ...events), [], 0)[0];
      return item?.kind === "theirs" && item.bubbles[0]?.cut;
    };
    expect(["human", "waiting", "closed"].map(stopped)).toEqual(["takeover", "other", "other"]);
  });

  test("has reached who reloads in its middle", () => {
    const reply = { turn: 1, attempt: 1, epoch: 1, step: 1, n: 0, text: "Here" };
    const events = [said("m1", "Where?")];
    const { conversation } = foldState(noConversation, state({ seq, events, reply }));
    expect(shown(conversation)).toEqual(["seen: Where?"]);
  });
});

describe("an ending", () => {
  test("is one line, whoever ended it", () => {
    const closed = event("conversation_closed", { resolution: "left" }, "customer");
    const left = event("system_said", { text: "The conversation has ended.", code: "left" });
    expect(shown(fold(noConversation, closed, left))).toEqual(["ended"]);
  });
});

describe("a held action", () => {
  const held = {
    hold: "h_1",
    title: "Refund",
    money: { minor: 18000, currency: "USD" },
    status: "held",
  };

  /** What the card says once the hold has changed to `status`. */
  const words = (status: string, more: object = {}): ReturnType<typeof holdWords> => {
    const events = [
      event("held", held),
      event("hold_changed", { hold: "h_1", status, ...more }, "staff"),
    ];
    const card = itemsOf(fold(noConversation, ...events), [], 0)[0];
    if (card?.kind !== "hold") throw new Error("no card");
    return holdWords(card.hold, card.history);
  };

  test("never says that money moved before it succeeded", () => {
    for (const status of [
      "held",
      "needs_info",
      "approved",
      "rejected",
      "withdrawn",
      "expired",
      "failed",
    ]) {
      expect(words(status).fact).toContain("Nothing has been paid");
    }
    expect(words("executing").fact).toContain("not yet confirmed");
    expect(words("unknown").fact).toContain("do not know yet");
    expect(words("succeeded").fact).toContain("Confirmed");
  });

  test("stays after a reload when the state names open ones only", () => {
    const events = [
      event("held", held),
      event("hold_changed", { hold: "h_1", status: "succeeded" }),
    ];
    const { conversation } = foldState(noConversation, state({ events, holds: [] }));
    expect(conversation.holds.get("h_1")).toMatchObject({ title: "Refund", status: "succeeded" });
  });

  test("can be withdrawn only while people still decide", () => {
    const can = ["held", "needs_info", "approved", "executing", "succeeded", "rejected"].map(
      (status) => words(status).canWithdraw,
    );
    expect(can).toEqual([true, true, false, false, false, false]);
  });

  test("tells the reason of a refusal, and keeps its title and sum", () => {
    const told = words("rejected", { reason: "Washed too hot." });
    expect([told.title, told.tag, told.fact]).toEqual([
      "Refund",
      "Declined",
      "“Washed too hot.” Decided by a person. Nothing has been paid.",
    ]);
  });
});
