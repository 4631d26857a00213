import { expect, test } from "vitest";
import { began, NOTHING_YET } from "../store/lists";
import { hold, row, state } from "../store/samples";
import { grouped, groupedHolds, inLine } from "./groups";

test("the line is ordered by priority, then by who waits longest", () => {
  const lists = began(
    NOTHING_YET,
    state("1", {
      conversations: [
        row("late", { owner: "line", waiting_since: "2026-01-02T03:05:00.000Z" }),
        row("early", { owner: "line", waiting_since: "2026-01-02T03:01:00.000Z" }),
        row("urgent", { owner: "line", priority: 1, waiting_since: "2026-01-02T03:06:00.000Z" }),
      ],
    }),
  );
  expect(inLine(lists).map(({ conversation }) => conversation)).toEqual([
    "urgent",
    "early",
    "late",
  ]);
});

test("one's own list parts who waits for us from whom we wait for, and shows who is next", () => {
  const lists = began(
    NOTHING_YET,
    state("1", {
      conversations: [
        row("asks", { owner: "staff:s_1", unread: 1 }),
        row("answered", { owner: "staff:s_1" }),
        row("theirs", { owner: "staff:s_2", unread: 1 }),
        row("next", { owner: "line" }),
      ],
    }),
  );
  const shown = grouped(lists, "mine").map(({ rows }) =>
    rows.map(({ conversation }) => conversation),
  );
  expect(shown).toEqual([["asks"], ["answered"], ["next"]]);
});

test("open holds come by risk; settled ones are in no list, unknown ones are", () => {
  const lists = began(
    NOTHING_YET,
    state("1", {
      holds: [
        hold("low", { risk: "low" }),
        hold("high", { risk: "high" }),
        hold("lost", { status: "unknown" }),
        hold("done", { status: "succeeded" }),
      ],
    }),
  );
  expect(groupedHolds(lists).map(({ rows }) => rows.map((one) => one.hold))).toEqual([
    ["high", "low"],
    ["lost"],
  ]);
});
