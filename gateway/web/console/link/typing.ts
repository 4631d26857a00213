/** Who writes: theirs with its time to live, ours not more often than the server needs. */
import type { StaffFeed } from "../../shared/wire";
import type { Store } from "../store/store";
import type { StaffLink } from "./wire";

const EVERY_MS = 3_000;

/** Typing in both directions. */
export class Typists {
  readonly #link: StaffLink;
  readonly #store: Store;
  readonly #expiries = new Map<string, ReturnType<typeof setTimeout>>();
  #told = { conversation: "", at_ms: 0 };

  constructor(link: StaffLink, store: Store) {
    this.#link = link;
    this.#store = store;
    link.on("typing", (typing) => this.#heard(typing));
  }

  /** We write, or have stopped. */
  tell(conversation: string, on: boolean): void {
    const running = this.#told.conversation === conversation && this.#told.at_ms > 0;
    if (on ? running && Date.now() - this.#told.at_ms < EVERY_MS : !running) return;
    this.#told = { conversation, at_ms: on ? Date.now() : 0 };
    this.#link.tell("typing", { conversation, on });
  }

  /** What they wrote has arrived: they no longer write it. */
  stopped(conversation: string): void {
    clearTimeout(this.#expiries.get(conversation));
    if (this.#store.typists.value.has(conversation)) this.#store.typing(conversation, null);
  }

  #heard({ conversation, by, on, ttl_s }: StaffFeed["typing"]): void {
    if (by.role === "staff" && by.name === this.#store.lists.value.me?.name) return; // our own, echoed
    this.stopped(conversation);
    if (!on) return;
    this.#store.typing(conversation, by);
    this.#expiries.set(
      conversation,
      setTimeout(() => this.stopped(conversation), ttl_s * 1_000),
    );
  }
}
