/** The one store: every message of the server is applied here, and everything shown is read here. */
import { computed, signal } from "@preact/signals";
import type { By, Delta, LogEvent, StaffFeed, StaffState, WatchState } from "../../shared/wire";
import {
  began,
  conversationChanged,
  holdChanged,
  type Lists,
  NOTHING_YET,
  staffChanged,
} from "./lists";
import {
  caughtUp,
  type Followed,
  happened,
  left,
  type Thread,
  unknownThread,
  written,
} from "./thread";

/** Something the person should know that belongs to no message; shown until dismissed. */
export interface Notice {
  id: number;
  text: string;
  level: HouseNotice["level"];
  /** What is wrong with the house; null of a colleague's act. */
  code: string | null;
}

type HouseNotice = StaffFeed["notice"];

const THREADS_KEPT = 12;

/** Lists, threads, and what passes by: typing, notices, refusals. */
export class Store {
  readonly lists = signal<Lists>(NOTHING_YET);
  readonly watched = signal<string | null>(null);
  /** Who writes, by conversation. */
  readonly typists = signal<ReadonlyMap<string, By>>(new Map());
  /** How far customers have read, by conversation. */
  readonly read = signal<ReadonlyMap<string, number>>(new Map());
  readonly notices = signal<readonly Notice[]>([]);
  /** Why the last action on a conversation or hold did not work, by its id. */
  readonly refusals = signal<ReadonlyMap<string, string>>(new Map());
  readonly #threads = signal<ReadonlyMap<string, Thread>>(new Map());
  #noticed = 0;

  /** The watched thread; empty until its log is here. */
  readonly thread = computed(() => {
    const conversation = this.watched.value;
    return conversation === null ? null : this.threadOf(conversation);
  });

  /** What is known of a conversation's log. */
  threadOf(conversation: string): Thread {
    return this.#threads.value.get(conversation) ?? unknownThread(conversation);
  }

  /** Whether the signed-in person owns a conversation. */
  owns(conversation: string): boolean {
    return this.ownerOf(conversation) === `staff:${this.lists.value.me?.id}`;
  }

  /** Who may speak in a conversation; the log knows better than the list. */
  ownerOf(conversation: string): string {
    const thread = this.threadOf(conversation);
    const row = this.lists.value.conversations.get(conversation);
    const ahead = thread.known && thread.journal.reached >= (row?.seq ?? 0);
    return ahead ? thread.owner : (row?.owner ?? thread.owner);
  }

  /** Connected: what is wrong with the house still is told again, what was may be over. */
  began(state: StaffState): void {
    this.lists.value = began(this.lists.value, state);
    this.notices.value = this.notices.value.filter(({ code }) => code === null);
  }

  conversationChanged(message: StaffFeed["conversation"]): void {
    const before = this.lists.value.conversations.get(message.conversation);
    this.lists.value = conversationChanged(this.lists.value, message);
    const mine = `staff:${this.lists.value.me?.id}`;
    const { owner, staff } = message;
    if (before?.owner === mine && owner.startsWith("staff:") && owner !== mine) {
      this.notice(
        `${staff ?? "A colleague"} took over ${before.name ?? "a conversation of yours"}.`,
      );
    }
  }

  holdChanged(message: StaffFeed["hold"]): void {
    this.lists.value = holdChanged(this.lists.value, message);
  }

  staffChanged(message: StaffFeed["staff"]): void {
    this.lists.value = staffChanged(this.lists.value, message);
  }

  /** Apply a watch's answer; true when something is still missing. */
  caughtUp(state: WatchState): boolean {
    return this.#follow(caughtUp(this.threadOf(state.conversation), state));
  }

  /** Apply an event; true when one before it is missing. */
  happened(event: LogEvent): boolean {
    return this.#follow(happened(this.threadOf(event.conversation), event));
  }

  /** Apply a frame of a reply; true when one before it is missing. */
  written(delta: Delta & { conversation: string }): boolean {
    return this.#follow(written(this.threadOf(delta.conversation), delta));
  }

  /** A conversation may not be watched, and why. */
  unwatchable(conversation: string, refusal: string): void {
    this.#keep({ ...this.threadOf(conversation), refusal });
  }

  /** The connection was lost. */
  left(): void {
    if (this.thread.value?.known) this.#keep(left(this.thread.value));
  }

  /** The person has looked at a conversation: nothing in it is new any more. */
  looked(conversation: string): void {
    const thread = this.threadOf(conversation);
    if (thread.left !== null) this.#keep({ ...thread, left: null });
  }

  /** Somebody writes in a conversation; null when nobody does any more. */
  typing(conversation: string, by: By | null): void {
    const typists = new Map(this.typists.value);
    if (by) typists.set(conversation, by);
    else typists.delete(conversation);
    this.typists.value = typists;
  }

  /** The customer has read up to `seq`. */
  seen(conversation: string, seq: number): void {
    if ((this.read.value.get(conversation) ?? 0) < seq) {
      this.read.value = new Map(this.read.value).set(conversation, seq);
    }
  }

  /** A colleague's act the person should know of. */
  notice(text: string): void {
    this.#note({ text, code: null, level: "info" });
  }

  /** Something is wrong with the house, or well again: the latest of a code counts. */
  houseNotice({ text, code, level }: HouseNotice): void {
    this.notices.value = this.notices.value.filter((notice) => notice.code !== code);
    this.#note({ text, code, level });
  }

  #note(notice: Omit<Notice, "id">): void {
    this.notices.value = [...this.notices.value, { id: ++this.#noticed, ...notice }];
  }

  dismiss(id: number): void {
    this.notices.value = this.notices.value.filter((notice) => notice.id !== id);
  }

  /** An action on `id` was refused; null forgets it. */
  refused(id: string, why: string | null): void {
    if (why === null && !this.refusals.value.has(id)) return;
    const refusals = new Map(this.refusals.value);
    if (why === null) refusals.delete(id);
    else refusals.set(id, why);
    this.refusals.value = refusals;
  }

  #follow({ thread, missing }: Followed): boolean {
    this.#keep(thread);
    return missing;
  }

  /** Keep a thread as the latest one; the oldest of many is forgotten. */
  #keep(thread: Thread): void {
    if (this.#threads.value.get(thread.conversation) === thread) return;
    const threads = new Map(this.#threads.value);
    threads.delete(thread.conversation);
    threads.set(thread.conversation, thread);
    for (const oldest of threads.keys()) {
      if (threads.size <= THREADS_KEPT) break;
      threads.delete(oldest);
    }
    this.#threads.value = threads;
  }
}
