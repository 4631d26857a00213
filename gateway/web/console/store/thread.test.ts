import { expect, test } from "vitest";
import type { Delta, WatchState } from "../../shared/wire";
import { event } from "./samples";
import { caughtUp, happened, unknownThread, written } from "./thread";

const started = event(1, "conversation_started", { customer: "u_1" });
const said = event(2, "customer_said", { id: "a", text: "Hello" });
const watch = (changes: Partial<WatchState>): WatchState => ({
  conversation: "c_1",
  seq: 2,
  epoch: 0,
  owner: "assistant",
  status: "assistant",
  reply: null,
  events: [started, said],
  gap: false,
  ...changes,
});
const frame = (n: number, text: string): Delta => ({
  turn: 1,
  attempt: 1,
  step: 1,
  epoch: 0,
  n,
  text,
});
const known = caughtUp(unknownThread("c_1"), watch({})).thread;

test("an event after a gap asks for what is missing and shows nothing yet", () => {
  const { thread, missing } = happened(known, event(4, "customer_said", { id: "b", text: "?" }));
  expect(missing).toBe(true);
  expect(thread.journal.events).toHaveLength(2);
});

test("a resumed watch joins what was known", () => {
  const next = event(3, "customer_said", { id: "b", text: "Still there?" });
  const { thread } = caughtUp(known, watch({ seq: 3, events: [next] }));
  expect(thread.journal.events.map(({ seq }) => seq)).toEqual([1, 2, 3]);
});

test("a change of owner ends the reply being written, and no late frame brings it back", () => {
  const writing = written(known, frame(0, "I under")).thread;
  expect(writing.reply.shown?.text).toBe("I under");
  const taken = event(3, "owner_changed", { from: "assistant", to: "staff:s_1", epoch: 1 });
  const after = happened(writing, taken).thread;
  expect(after.owner).toBe("staff:s_1");
  expect(written(after, frame(1, "stand")).thread.reply.shown).toBeNull();
});

test("a watch in mid-reply shows the reply so far and goes on", () => {
  const reply = { ...frame(4, "I understand, "), n: 4 };
  const joined = caughtUp(unknownThread("c_1"), watch({ reply })).thread;
  const { thread, missing } = written(joined, frame(5, "and"));
  expect(missing).toBe(false);
  expect(thread.reply.shown?.text).toBe("I understand, and");
});
