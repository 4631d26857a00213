import { describe, expect, test } from "vitest";
import { append, catchUp, emptyJournal, type Journal, type Numbering } from "./journal";
import type { LogEvent } from "./wire";

const event = (seq: number): LogEvent => ({
  conversation: "c",
  seq,
  v: 1,
  type: "system_said",
  at: "",
  by: { role: "system" },
  epoch: 1,
  data: { text: `${seq}` },
});

const seqs = (journal: Journal): number[] => journal.events.map(({ seq }) => seq);

const received = (numbering: Numbering, ...all: number[]): Journal =>
  all.reduce((journal, seq) => append(journal, event(seq), numbering).journal, emptyJournal);

describe("live events", () => {
  test("each is taken once", () => {
    expect(seqs(received("every", 1, 2, 2, 1, 3))).toEqual([1, 2, 3]);
  });

  test("who receives every event sees a gap, and keeps the place before it", () => {
    const { journal, added, missing } = append(received("every", 1, 2), event(4), "every");
    expect({ added, missing, certain: journal.certain, seqs: seqs(journal) }).toEqual({
      added: false,
      missing: true,
      certain: 2,
      seqs: [1, 2],
    });
  });

  test("to a customer private events are no gap", () => {
    const { journal, missing } = append(received("public", 1, 2), event(7), "public");
    expect({ missing, reached: journal.reached, certain: journal.certain }).toEqual({
      missing: false,
      reached: 7,
      certain: 0,
    });
  });
});

describe("states", () => {
  test("resuming adds what was missed, in order and once", () => {
    const journal = catchUp(received("public", 1, 2, 6), { seq: 8, events: [4, 6, 7].map(event) });
    expect({ seqs: seqs(journal), reached: journal.reached, certain: journal.certain }).toEqual({
      seqs: [1, 2, 4, 6, 7],
      reached: 8,
      certain: 8,
    });
  });

  test("private events at the end are reached as well", () => {
    expect(catchUp(emptyJournal, { seq: 5, events: [event(3)] }).reached).toBe(5);
  });

  test("an event that overtook the state stays", () => {
    const journal = catchUp(received("public", 1, 9), { seq: 8, events: [event(7)] });
    expect({ seqs: seqs(journal), reached: journal.reached }).toEqual({
      seqs: [1, 7, 9],
      reached: 9,
    });
  });

  test("a gap starts afresh", () => {
    const journal = catchUp(received("public", 1, 2, 3), {
      seq: 42,
      events: [event(41)],
      gap: true,
    });
    expect({ seqs: seqs(journal), reached: journal.reached }).toEqual({ seqs: [41], reached: 42 });
  });
});
