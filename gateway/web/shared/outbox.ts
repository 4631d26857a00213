/**
 * What a person wrote, until the server has acknowledged it.
 *
 * Letters leave one by one in their order. An answer may be lost, so a letter is sent again
 * with the same id until one comes; the server writes each id once. Letters survive a reload,
 * and several tabs may send the same one.
 */
import { signal, type ReadonlySignal } from "@preact/signals";
import { CommandError } from "./link";
import type { Store } from "./store";

/**
 * One command on its way. `waiting`: not acknowledged yet; `delayed`: the server asked to try
 * again; `sent`: acknowledged, its event not seen yet; `failed`: refused, and why.
 */
export interface Letter<P> {
  readonly id: string;
  readonly payload: P;
  readonly at_ms: number;
  readonly state: "waiting" | "delayed" | "sent" | "failed";
  readonly failure: string | null;
}

export interface OutboxOptions<P, A> {
  store: Store;
  /** Send once; throws `CommandError`. */
  send: (letter: Letter<P>) => Promise<A>;
  /** The server acknowledged a letter. */
  acknowledged: (letter: Letter<P>, answer: A) => void;
  /** Run one delivery at a time across tabs. */
  exclusively?: <T>(act: () => Promise<T>) => Promise<T>;
  /** Call `act` after a pause; injected so that tests need not wait. */
  later?: (act: () => void, delay_ms: number) => void;
}

const KEY = "letter:";
const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000];
const PASSING: ReadonlySet<string> = new Set(["offline", "timeout", "unavailable", "rate_limited"]);

/** A queue of letters with payload `P`, answered with `A`. */
export class Outbox<P, A> {
  readonly #letters = signal<readonly Letter<P>[]>([]);
  readonly #options: OutboxOptions<P, A>;
  #open = false;
  #busy = false;
  #tries = 0;

  constructor(options: OutboxOptions<P, A>) {
    this.#options = options;
    this.#letters.value = this.#restore();
    options.store.watch((key, value) => this.#heard(key, value));
  }

  /** All letters that are not yet seen as events, in the order they were written. */
  get letters(): ReadonlySignal<readonly Letter<P>[]> {
    return this.#letters;
  }

  /** Put a letter in the queue; it leaves as soon as the way is open. */
  post(id: string, payload: P): void {
    const letter: Letter<P> = { id, payload, at_ms: Date.now(), state: "waiting", failure: null };
    this.#keep(letter);
    this.#letters.value = [...this.#letters.value, letter];
    void this.#flush();
  }

  /** Send a failed letter again, with the same id. */
  retry(id: string): void {
    this.#change(id, { state: "waiting", failure: null });
    void this.#flush();
  }

  /** Forget a letter: its event was seen, or its writer gave it up. */
  drop(id: string): void {
    this.#options.store.remove(KEY + id);
    if (this.#letters.value.some((letter) => letter.id === id)) {
      this.#letters.value = this.#letters.value.filter((letter) => letter.id !== id);
    }
  }

  /** The connection is there (`true`) or away. */
  set open(open: boolean) {
    this.#open = open;
    this.#tries = 0;
    if (open) void this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let letter = this.#next(); letter; letter = this.#next()) {
        if (!(await this.#inTurn(letter))) break;
      }
    } finally {
      this.#busy = false;
    }
  }

  #next(): Letter<P> | undefined {
    if (!this.#open) return undefined;
    return this.#letters.value.find(({ state }) => state === "waiting" || state === "delayed");
  }

  /** Deliver, unless another tab has done so while this one waited for its turn. */
  #inTurn(letter: Letter<P>): Promise<boolean> {
    const { exclusively = (act) => act(), store } = this.#options;
    return exclusively(async () => {
      if (store.read(KEY + letter.id) !== null) return this.#deliver(letter);
      this.drop(letter.id);
      return true;
    });
  }

  async #deliver(letter: Letter<P>): Promise<boolean> {
    try {
      const answer = await this.#options.send(letter);
      this.#tries = 0;
      this.#options.store.remove(KEY + letter.id);
      this.#change(letter.id, { state: "sent" });
      this.#options.acknowledged(letter, answer);
      return true;
    } catch (error) {
      return this.#failed(letter, error);
    }
  }

  /** A passing trouble keeps the letter and pauses; a refusal marks it and lets others pass. */
  #failed(letter: Letter<P>, error: unknown): boolean {
    const code = error instanceof CommandError ? error.code : "bad_request";
    if (!PASSING.has(code)) {
      this.#change(letter.id, { state: "failed", failure: String((error as Error).message) });
      return true;
    }
    if (code !== "offline") this.#change(letter.id, { state: "delayed" });
    const delay_ms = RETRY_MS[Math.min(this.#tries++, RETRY_MS.length - 1)] ?? 0;
    (this.#options.later ?? setTimeout)(() => void this.#flush(), delay_ms);
    return false;
  }

  #change(id: string, change: Partial<Letter<P>>): void {
    this.#letters.value = this.#letters.value.map((letter) => {
      if (letter.id !== id) return letter;
      const changed = { ...letter, ...change };
      if (changed.state !== "sent") this.#keep(changed);
      return changed;
    });
  }

  #keep(letter: Letter<P>): void {
    this.#options.store.write(KEY + letter.id, JSON.stringify(letter));
  }

  #restore(): Letter<P>[] {
    const { store } = this.#options;
    const texts = store
      .keys()
      .filter((key) => key.startsWith(KEY))
      .map((key) => store.read(key));
    return texts.flatMap((text) => parse<P>(text)).sort((a, b) => a.at_ms - b.at_ms);
  }

  /** Another tab wrote or removed a letter; its own `sent` ones are left to their events. */
  #heard(key: string, value: string | null): void {
    if (!key.startsWith(KEY)) return;
    const id = key.slice(KEY.length);
    const others = this.#letters.value.filter((letter) => letter.id !== id);
    const mine = this.#letters.value.find((letter) => letter.id === id);
    if (mine?.state === "sent") return;
    this.#letters.value = [...others, ...parse<P>(value)].sort((a, b) => a.at_ms - b.at_ms);
  }
}

function parse<P>(text: string | null): Letter<P>[] {
  try {
    return text === null ? [] : [JSON.parse(text) as Letter<P>];
  } catch {
    return [];
  }
}
