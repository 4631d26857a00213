/** The key by which a customer comes back to their conversation, kept on this device. */
import type { Store } from "../shared/store";
import { storeOf } from "./identity";

const RESUME = "resume";

/** One customer's resume at one gateway; `used` is what this page connected with. */
export class Resumption {
  #used: string | null = null;
  readonly #store: Store;
  /** Where a customer who signed in was anonymous before; null for the anonymous one. */
  readonly #before: Store | null;

  constructor(origin: string, subject: string | null) {
    this.#store = storeOf(origin, subject);
    this.#before = subject === null ? null : storeOf(origin, null);
  }

  get used(): string | null {
    return this.#used;
  }

  /** Another tab has kept a newer one. */
  get outdated(): boolean {
    const kept = this.#store.read(RESUME);
    return kept !== null && kept !== this.#used;
  }

  /** What to connect with: a customer who signs in goes on with what they began before. */
  use(): string | null {
    this.#used = this.#store.read(RESUME) ?? this.#before?.read(RESUME) ?? null;
    return this.#used;
  }

  /** The server gave one; it is not rotated, so mostly it is the one in use. */
  keep(resume: string | null | undefined): void {
    if (!resume || (resume === this.#used && resume === this.#store.read(RESUME))) return;
    this.#used = resume;
    this.#store.write(RESUME, resume);
    this.#before?.remove(RESUME);
  }

  forget(): void {
    this.#store.remove(RESUME);
    this.#before?.remove(RESUME);
  }

  /** Call `listener` when another tab has kept a newer one; returns how to stop. */
  watch(listener: () => void): () => void {
    return this.#store.watch((key) => {
      if (key === RESUME && this.outdated) listener();
    });
  }
}
