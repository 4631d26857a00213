/** Who looks and who writes: unread messages, seen marks and typing, both ways. */
import { computed, effect, signal, type ReadonlySignal } from "@preact/signals";
import type { By, LogEvent } from "../shared/wire";
import type { Session } from "./session";

const TYPING_AGAIN_MS = 3_000;
const TYPING_ENDS_MS = 6_000;

/** Attention between a customer and those they talk with, for one session. */
export class Attention {
  readonly #writing = signal<By | null>(null);
  readonly #seen = signal(0);
  readonly #read = signal(0);
  readonly #looking = signal(false);
  readonly #session: Session;
  readonly #stops: (() => void)[];
  #writingEnds: ReturnType<typeof setTimeout> | undefined;
  #typingEnds: ReturnType<typeof setTimeout> | undefined;
  #typingTold_ms = 0;

  constructor(session: Session) {
    this.#session = session;
    this.#stops = [
      this.#hearTyping(),
      this.#hearSeen(),
      this.#hearEnd(),
      this.#restore(),
      this.#tellSeen(),
    ];
  }

  /** Who is writing to the customer now. */
  get writing(): ReadonlySignal<By | null> {
    return this.#writing;
  }

  /** The highest seq that others have told they saw. */
  get seen(): ReadonlySignal<number> {
    return this.#seen;
  }

  /** Messages to the customer that nobody has looked at. */
  readonly unread = computed(() => {
    const { events } = this.#session.conversation.value.journal;
    return events.filter((event) => isMessage(event) && event.seq > this.#read.value).length;
  });

  /** Whether the customer looks at the log now. */
  set looking(looking: boolean) {
    this.#looking.value = looking;
  }

  /** The customer is writing: told at most every few seconds, ended when they pause. */
  typing(on: boolean): void {
    clearTimeout(this.#typingEnds);
    if (on) this.#typingEnds = setTimeout(() => this.typing(false), TYPING_ENDS_MS);
    const now_ms = Date.now();
    if (on ? now_ms - this.#typingTold_ms < TYPING_AGAIN_MS : this.#typingTold_ms === 0) return;
    this.#typingTold_ms = on ? now_ms : 0;
    this.#session.link.tell("typing", { on });
  }

  dispose(): void {
    clearTimeout(this.#writingEnds);
    clearTimeout(this.#typingEnds);
    for (const stop of this.#stops) stop();
  }

  #hearTyping(): () => void {
    return this.#session.link.on("typing", ({ by, on, ttl_s }) => {
      if (by.role === "customer") return;
      clearTimeout(this.#writingEnds);
      this.#writing.value = on ? by : null;
      if (on) this.#writingEnds = setTimeout(() => (this.#writing.value = null), ttl_s * 1_000);
    });
  }

  #hearSeen(): () => void {
    return this.#session.link.on("seen", ({ by, seq }) => {
      const place = by.role === "customer" ? this.#read : this.#seen;
      place.value = Math.max(place.value, seq);
    });
  }

  /** A message, or a change of who speaks, ends what was being written. */
  #hearEnd(): () => void {
    return this.#session.link.on("event", ({ type }) => {
      const ends = ["assistant_said", "staff_said", "owner_changed"];
      if (ends.includes(type)) this.#writing.value = null;
    });
  }

  #restore(): () => void {
    const current = computed(() => this.#session.conversation.value.id);
    return effect(() => {
      const id = current.value;
      this.#read.value = Number(id && this.#session.store.read(`read:${id}`)) || 0;
      this.#seen.value = 0;
    });
  }

  #tellSeen(): () => void {
    return effect(() => {
      const { id, journal } = this.#session.conversation.value;
      const last = journal.events.findLast(isMessage)?.seq ?? 0;
      if (id === null || !this.#looking.value || last <= this.#read.peek()) return;
      this.#read.value = last;
      this.#session.store.write(`read:${id}`, String(last));
      this.#session.link.tell("seen", { seq: last });
    });
  }
}

/** Whether somebody said or asks something. */
function isMessage(event: LogEvent): boolean {
  if (event.type === "hold_changed")
    return event.data.status === "needs_info" && event.data.question?.to === "customer";
  const said =
    event.type === "assistant_said" ||
    event.type === "staff_said" ||
    event.type === "assistant_called";
  return said && event.data.text.trim() !== "";
}
