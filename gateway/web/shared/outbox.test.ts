import { beforeEach, describe, expect, test, vi } from "vitest";
import { CommandError } from "./link";
import { Outbox, type Letter } from "./outbox";
import { openStore, type Store } from "./store";

type Answers = (letter: Letter<string>) => number;

/** A network that answers as told, remembers what it was sent, and lets time pass on demand. */
function network(store: Store, answers: Answers) {
  const sent: string[] = [];
  const acknowledged: [string, number][] = [];
  const waiting: (() => void)[] = [];
  const outbox = new Outbox<string, number>({
    store,
    send: async (letter) => {
      sent.push(`${letter.id} ${letter.payload}`);
      return answers(letter);
    },
    acknowledged: (letter, seq) => acknowledged.push([letter.id, seq]),
    later: (act) => waiting.push(act),
  });
  const settle = async (): Promise<void> => {
    waiting.splice(0).forEach((act) => act());
    await vi.waitFor(() =>
      expect(
        outbox.letters.value.some(({ state }) => state === "waiting") && waiting.length === 0,
      ).toBe(false),
    );
  };
  return { outbox, sent, acknowledged, settle };
}

const refuse = (code: ConstructorParameters<typeof CommandError>[0]): never => {
  throw new CommandError(code, `because of ${code}`);
};

const states = (outbox: Outbox<string, number>): string[] =>
  outbox.letters.value.map(({ id, state }) => `${id} ${state}`);

let store: Store;

beforeEach(() => {
  vi.stubGlobal("addEventListener", () => undefined); // no other tabs here
  vi.stubGlobal("localStorage", undefined); // each test keeps its own
  store = openStore("");
});

describe("an outbox", () => {
  test("sends letters in their order once the way is open", async () => {
    const { outbox, sent, acknowledged, settle } = network(store, () => 7);
    outbox.post("a", "first");
    outbox.post("b", "second");
    expect(sent).toEqual([]);
    outbox.open = true;
    await settle();
    expect(sent).toEqual(["a first", "b second"]);
    expect(acknowledged).toEqual([
      ["a", 7],
      ["b", 7],
    ]);
  });

  test("sends again with the same id until an answer comes, and lets nothing overtake", async () => {
    let lost = 2;
    const { outbox, sent, acknowledged, settle } = network(store, () =>
      lost-- > 0 ? refuse("timeout") : 3,
    );
    outbox.post("a", "first");
    outbox.post("b", "second");
    outbox.open = true;
    await settle();
    await settle();
    await settle();
    expect(sent).toEqual(["a first", "a first", "a first", "b second"]);
    expect(acknowledged).toEqual([
      ["a", 3],
      ["b", 3],
    ]);
  });

  test("keeps a letter while the server is unavailable", async () => {
    const { outbox, settle } = network(store, () => refuse("unavailable"));
    outbox.post("a", "first");
    outbox.open = true;
    await settle();
    expect(states(outbox)).toEqual(["a delayed"]);
  });

  test("marks a refused letter with its reason and lets the next one pass", async () => {
    const { outbox, settle } = network(store, ({ id }) => (id === "a" ? refuse("bad_request") : 4));
    outbox.post("a", "first");
    outbox.post("b", "second");
    outbox.open = true;
    await settle();
    expect(states(outbox)).toEqual(["a failed", "b sent"]);
    expect(outbox.letters.value[0]?.failure).toBe("because of bad_request");
  });

  test("sends a failed letter again under its id when asked to", async () => {
    let refused = true;
    const { outbox, sent, settle } = network(store, () => (refused ? refuse("conflict") : 5));
    outbox.post("a", "first");
    outbox.open = true;
    await settle();
    refused = false;
    outbox.retry("a");
    await settle();
    expect(sent).toEqual(["a first", "a first"]);
    expect(states(outbox)).toEqual(["a sent"]);
  });

  test("forgets a letter whose event came before its answer", async () => {
    const { outbox, sent, settle } = network(store, () => 1);
    outbox.post("a", "first");
    outbox.drop("a");
    outbox.open = true;
    await settle();
    expect({ sent, letters: outbox.letters.value }).toEqual({ sent: [], letters: [] });
  });

  test("loses nothing in a reload, and repeats nothing that was acknowledged", async () => {
    const before = network(store, ({ id }) => (id === "a" ? 1 : refuse("offline")));
    before.outbox.post("a", "first");
    before.outbox.post("b", "second");
    before.outbox.open = true;
    await before.settle();
    const after = network(store, () => 2);
    expect(states(after.outbox)).toEqual(["b waiting"]);
    after.outbox.open = true;
    await after.settle();
    expect(after.sent).toEqual(["b second"]);
  });
});
