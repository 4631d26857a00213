import { expect, test } from "vitest";
import { event } from "../store/samples";
import { decision, holdsOf, steps } from "./history";

const daniel = { role: "staff", name: "Daniel", id: "s_2" } as const;
const held = event(
  1,
  "held",
  {
    hold: "h1",
    title: "Refund",
    money: { minor: 5, currency: "USD" },
    status: "held",
    revision: 1,
    digest: "d1",
  },
  { role: "assistant", name: "Ada" },
);
const approved = event(
  2,
  "hold_changed",
  { hold: "h1", status: "approved", money: null, revision: 1 },
  daniel,
);

test("who decided is the person of the last decision", () => {
  const ran = event(3, "hold_changed", {
    hold: "h1",
    status: "succeeded",
    money: null,
    revision: 1,
  });
  expect(decision(steps([held, approved, ran], "h1"))).toMatchObject({
    status: "approved",
    by: "Daniel",
  });
});

test("an edit that is an approval has its own sum", () => {
  const lowered = event(
    2,
    "hold_changed",
    {
      hold: "h1",
      status: "approved",
      decision: "edit",
      by: daniel,
      approvers: { needed: 1, given: 1 },
      money: { minor: 4, currency: "USD" },
      revision: 2,
    },
    daniel,
  );
  expect(holdsOf([held, lowered])).toMatchObject([
    { status: "approved", money: { minor: 4 }, approved_by: ["s_2"] },
  ]);
});

test("a hold put back is what would run now", () => {
  const back = event(3, "hold_changed", {
    hold: "h1",
    status: "held",
    money: { minor: 7, currency: "USD" },
    revision: 2,
    digest: "d2",
    title: "Larger refund",
    target: "A-2",
    risk: "high",
    reasons: [],
    rule: "over $50",
  });
  expect(holdsOf([held, approved, back])).toMatchObject([
    {
      ...{ status: "held", revision: 2, digest: "d2", money: { minor: 7 } },
      ...{ title: "Larger refund", target: "A-2", risk: "high", rule: "over $50" },
    },
  ]);
});
