import { expect, test } from "vitest";
import { event } from "../store/samples";
import { items } from "./items";

const asks = (verdict: "allow" | "hold") =>
  event(1, "assistant_called", {
    turn: 1,
    attempt: 1,
    step: 1,
    text: "",
    calls: [{ call: "k1", tool: "issue_refund", arguments: { amount: 5 }, verdict }],
  });

test("a call is one line that its start and its end change in place", () => {
  const shown = items([
    asks("allow"),
    event(2, "tool_started", { call: "k1", key: "k1" }),
    event(3, "tool_finished", {
      call: "k1",
      key: "k1",
      outcome: "succeeded",
      result: { ok: true },
    }),
  ]);
  expect(shown).toMatchObject([
    { kind: "tool", state: "succeeded", outcome: { result: { ok: true } } },
  ]);
});

test("a held call appears as a hold, and as a call only once it runs", () => {
  const held = event(2, "held", { hold: "h1", title: "Refund", money: null, status: "held" });
  expect(items([asks("hold"), held]).map(({ kind }) => kind)).toEqual(["hold"]);
  const runs = [
    event(3, "hold_changed", { hold: "h1", status: "approved", money: null }),
    event(4, "tool_started", { call: "k1", key: "k1" }),
    event(5, "hold_changed", { hold: "h1", status: "executing", money: null }),
  ];
  const shown = items([asks("hold"), held, ...runs]);
  expect(shown.map(({ kind }) => kind)).toEqual(["hold", "decision", "tool"]);
});

test("what runs is what was edited, not what was asked for", () => {
  const shown = items([
    asks("hold"),
    event(2, "held", { hold: "h1", call: "k1", title: "Refund", money: null, status: "held" }),
    event(3, "hold_changed", {
      hold: "h1",
      status: "approved",
      decision: "edit",
      arguments: { amount: 4 },
      money: null,
    }),
    event(4, "tool_started", { call: "k1", key: "k1" }),
  ]);
  expect(shown.at(-1)).toMatchObject({ kind: "tool", arguments: { amount: 4 }, by: null });
});

test("a call of a person says whose it is", () => {
  const called = event(1, "staff_called", {
    call: "k1",
    tool: "get_order",
    arguments: {},
    verdict: "allow",
    because: null,
  });
  const [line] = items([called]);
  expect(line).toMatchObject({ kind: "tool", by: called.by });
});

test("a partial reply says whether a person, a handover or the end cut it", () => {
  const said = event(1, "assistant_said", { turn: 1, text: "I under", partial: true });
  const ended = event(2, "turn_ended", { turn: 1, outcome: "cut", upto: 0 });
  const to = (owner: string) =>
    event(3, "owner_changed", { from: "assistant", to: owner, epoch: 1 });
  expect(items([said, ended, to("staff:s_1")])[0]).toMatchObject({ cut: "takeover" });
  expect(items([said, ended, to("line")])[0]).toMatchObject({ cut: "handover" });
  expect(items([said, ended, to("nobody")])[0]).toMatchObject({ cut: "closing" });
  const next = event(3, "customer_said", { id: "m1", text: "no, blue" });
  expect(items([said, ended, next, to("line")])[0]).toMatchObject({ cut: "a new message" });
});

test("a handover, and a close, are one band each", () => {
  const shown = items([
    event(1, "handover_requested", { reason: "asks_for_human", reasons: [] }),
    event(2, "owner_changed", { from: "assistant", to: "line", epoch: 1 }),
    event(3, "owner_changed", { from: "line", to: "nobody", epoch: 2 }),
    event(4, "conversation_closed", { resolution: "solved" }),
  ]);
  expect(shown.map(({ kind }) => kind)).toEqual(["handover", "rule"]);
});
