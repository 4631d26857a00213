/** What is being written, one draft per conversation and mode; drafts survive a reload of the tab. */
import { signal, type ReadonlySignal } from "@preact/signals";
import type { Store } from "../../shared/store";

export type Mode = "reply" | "note";

const KEY = "draft:";

/** The drafts of this tab. */
export class Drafts {
  readonly #texts = signal<ReadonlyMap<string, string>>(new Map());
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    const kept = store.keys().filter((key) => key.startsWith(KEY));
    this.#texts.value = new Map(kept.map((key) => [key, store.read(key) ?? ""]));
  }

  /** All drafts; read it to be told of changes. */
  get texts(): ReadonlySignal<ReadonlyMap<string, string>> {
    return this.#texts;
  }

  /** The draft for a conversation and mode, empty when there is none. */
  read(conversation: string, mode: Mode): string {
    return this.#texts.value.get(keyOf(conversation, mode)) ?? "";
  }

  /** Keep a draft; an empty one is forgotten. */
  write(conversation: string, mode: Mode, text: string): void {
    const key = keyOf(conversation, mode);
    const texts = new Map(this.#texts.value);
    if (text) {
      texts.set(key, text);
      this.#store.write(key, text);
    } else {
      texts.delete(key);
      this.#store.remove(key);
    }
    this.#texts.value = texts;
  }
}

function keyOf(conversation: string, mode: Mode): string {
  return `${KEY}${mode}:${conversation}`;
}
