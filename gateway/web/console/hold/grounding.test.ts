import { expect, test } from "vitest";
import type { Reason } from "../../shared/wire";
import { grounds } from "./grounding";

const OVER: Reason = { signal: "rule", score: 1, text: "over $150", evidence: "money.minor > 15000" };
const LIMIT: Reason = { signal: "limit", score: 1, text: "too much", evidence: "customer 1 2 USD" };

test("a rule is told with its condition", () => {
  expect(grounds({ kind: "call", rule: "over $150", reasons: [OVER] })).toEqual({
    because: [{ text: "over $150", condition: "money.minor > 15000" }],
    besides: [],
  });
});

test("a rule and a limit are told apart, a limit without its mark", () => {
  const told = grounds({ kind: "call", rule: "over $150; too much", reasons: [OVER, LIMIT] });
  expect(told.because.map(({ text }) => text)).toEqual(["over $150", "too much"]);
  expect(told.because[1]?.condition).toBeNull();
  expect(told.besides).toEqual([]);
});

test("what the rule does not say stands besides", () => {
  const told = grounds({ kind: "call", rule: "the facts changed", reasons: [OVER] });
  expect(told.because).toEqual([{ text: "the facts changed", condition: null }]);
  expect(told.besides.map(({ text }) => text)).toEqual(["over $150"]);
});

test("nothing holds what is only to be settled", () => {
  const reason: Reason = { signal: "unknown_outcome", score: 1, text: "nobody can tell", evidence: null };
  expect(grounds({ kind: "settle", rule: null, reasons: [reason] }).because).toEqual([]);
});
