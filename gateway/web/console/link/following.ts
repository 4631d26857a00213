/** Follows one conversation at a time: watches it, resumes where it was, closes gaps. */
import { signal } from "@preact/signals";
import { CommandError } from "../../shared/link";
import type { LogEvent } from "../../shared/wire";
import type { Store } from "../store/store";
import type { StaffLink } from "./wire";

const AGAIN_MS = 1_500;

export interface FollowingOptions {
  link: StaffLink;
  store: Store;
  /** Events of the followed conversation that are new to the store. */
  arrived: (events: readonly LogEvent[]) => void;
}

/** The one conversation that is open. */
export class Following {
  /** An answer to `watch` is awaited. */
  readonly busy = signal(false);
  readonly #options: FollowingOptions;
  #again = false;

  constructor(options: FollowingOptions) {
    this.#options = options;
    const { link, store } = options;
    link.on("event", (event) => {
      if (event.conversation !== store.watched.value) return;
      if (store.happened(event)) void this.catchUp();
      options.arrived([event]);
    });
    link.on("delta", (delta) => {
      if (delta.conversation !== store.watched.value) return;
      if (store.written(delta)) void this.catchUp();
    });
  }

  /** Follow this conversation from now on; null follows none. */
  open(conversation: string | null): void {
    const { link, store } = this.#options;
    const before = store.watched.value;
    if (before !== null) link.tell("unwatch", { conversation: before });
    store.watched.value = conversation;
    if (conversation !== null) void this.catchUp();
  }

  /** Bring it up to date; asked while it is under way, it goes round once more. */
  async catchUp(): Promise<void> {
    this.#again = true;
    if (this.busy.value) return;
    this.busy.value = true;
    try {
      while (this.#again && this.#options.link.phase.value === "online") {
        this.#again = false;
        await this.#watch();
      }
    } finally {
      this.busy.value = false;
    }
  }

  async #watch(): Promise<void> {
    const { link, store, arrived } = this.#options;
    const conversation = store.watched.value;
    if (conversation === null) return;
    const after = store.threadOf(conversation).journal.certain;
    try {
      const { state } = await link.ask("watch", { conversation, ...(after > 0 && { after }) });
      if (conversation !== store.watched.value) return; // another was opened: it goes round again
      if (store.caughtUp(state)) this.#again = true;
      arrived(state.events);
    } catch (error) {
      this.#failed(conversation, error);
    }
  }

  #failed(conversation: string, error: unknown): void {
    const code = error instanceof CommandError ? error.code : "bad_request";
    if (code === "offline") return; // the next connect follows anyway
    if (code === "timeout" || code === "unavailable" || code === "rate_limited") {
      setTimeout(() => void this.catchUp(), AGAIN_MS);
    } else {
      this.#options.store.unwatchable(conversation, (error as Error).message);
    }
  }
}
