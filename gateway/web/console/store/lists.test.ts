import { expect, test } from "vitest";
import { began, conversationChanged, holdChanged, NOTHING_YET, staffChanged } from "./lists";
import { hold, row, state } from "./samples";

const withTwo = began(
  NOTHING_YET,
  state("1", { conversations: [row("c_1"), row("c_2")], holds: [hold("h_1")] }),
);

test("a resumed state keeps what it does not mention", () => {
  const lists = began(
    withTwo,
    state("2", { conversations: [row("c_2", { owner: "line", seq: 2 })] }),
  );
  expect([...lists.conversations.keys()]).toEqual(["c_1", "c_2"]);
  expect(lists.conversations.get("c_2")?.owner).toBe("line");
  expect(lists.cursor).toBe("2");
});

test("a full state starts the lists afresh", () => {
  const lists = began(withTwo, state("9", { conversations: [row("c_3")], full: true }));
  expect([...lists.conversations.keys()]).toEqual(["c_3"]);
  expect(lists.holds.size).toBe(0);
});

test("a closed conversation leaves, also when a resumed state tells it", () => {
  const closed = { ...row("c_1", { status: "closed", owner: "nobody", seq: 5 }) };
  const live = conversationChanged(withTwo, { ...closed, cursor: "2" });
  expect(live.conversations.has("c_1")).toBe(false);
  expect(began(withTwo, state("2", { conversations: [closed] })).conversations.has("c_1")).toBe(
    false,
  );
});

test("a summary older than the known one changes only the cursor", () => {
  const newer = conversationChanged(withTwo, { ...row("c_1", { seq: 7, unread: 1 }), cursor: "2" });
  const lists = conversationChanged(newer, { ...row("c_1", { seq: 6 }), cursor: "3" });
  expect(lists.conversations.get("c_1")?.unread).toBe(1);
  expect(lists.cursor).toBe("3");
});

test("a settled hold stays known with what it was decided on", () => {
  const settled = hold("h_1", { status: "succeeded", evidence: {}, reasons: [] });
  const lists = holdChanged(withTwo, { ...settled, cursor: "2" });
  expect(lists.holds.get("h_1")?.status).toBe("succeeded");
  expect(lists.holds.get("h_1")?.evidence).toEqual({ order: { total: 189 } });
});

test("a person who changed stands as they are now", () => {
  const maya = withTwo.staff.get("s_1")!;
  const lists = staffChanged(withTwo, { ...maya, status: "away" });
  expect([...lists.staff.values()]).toEqual([{ ...maya, status: "away" }]);
});
