import { expect, test } from "vitest";
import { event } from "../store/samples";
import { isAlways, reasons } from "./reasons";

const asks = { signal: "asks_for_human", score: 1, text: "Asked for a person" };
const repeats = { signal: "repetition", score: 0.6, text: "Asked twice" };

test("a settled handover gives no reasons to the next one", () => {
  const first = event(1, "handover_requested", { reason: "asks_for_human", reasons: [asks] });
  const returned = event(2, "owner_changed", { from: "staff:s_1", to: "assistant", epoch: 2 });
  const second = event(3, "handover_requested", { reason: "repetition", reasons: [repeats] });
  expect(reasons([first, returned, second], [])).toEqual([repeats]);
});

test("hard rules come first and read always", () => {
  const found = reasons([], [repeats, asks]);
  expect(found.map(({ signal }) => signal)).toEqual(["asks_for_human", "repetition"]);
  expect(found.map(isAlways)).toEqual([true, false]);
});
