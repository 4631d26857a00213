/** One signed-in person at work: what the server tells goes to the store, what they do to the server. */
import { computed, signal } from "@preact/signals";
import { newId } from "../../shared/ids";
import { Link } from "../../shared/link";
import { Outbox } from "../../shared/outbox";
import type { Store as Shelf } from "../../shared/store";
import type { Level, LogEvent, Presence, Ruling, StaffCommands, StaffFeed, StaffState } from "../../shared/wire";
import { Drafts, type Mode } from "../store/drafts";
import { Store } from "../store/store";
import type { Hold } from "../store/summaries";
import { Actions } from "./actions";
import { Following } from "./following";
import { Typists } from "./typing";
import type { StaffLink } from "./wire";

/** One message on its way to a conversation. */
export interface Written {
  conversation: string;
  mode: Mode;
  text: string;
}

export interface DeskOptions {
  origin: string;
  token: string;
  /** Where drafts and unsent messages are kept. */
  shelf: Shelf;
  /** The server no longer knows the token. */
  signedOut: (why: string) => void;
}

const PRESENCE = "presence";

/** The person's connection, store, drafts and outbox. */
export class Desk {
  readonly store = new Store();
  readonly drafts: Drafts;
  readonly outbox: Outbox<Written, { seq: number }>;
  readonly link: StaffLink;
  readonly following: Following;
  readonly typists: Typists;
  readonly actions: Actions;
  /** When the connection was lost, in ms; null while it is there. */
  readonly lostAt = signal<number | null>(null);
  /** The connection is back, what happened meanwhile is not all here yet. */
  readonly catchingUp = computed(
    () => this.#returned.value && (!this.#fresh.value || this.following.busy.value),
  );
  readonly #shelf: Shelf;
  readonly #fresh = signal(false);
  readonly #returned = signal(false);
  readonly #seen = new Map<string, number>();

  constructor({ origin, token, shelf, signedOut }: DeskOptions) {
    this.#shelf = shelf;
    this.drafts = new Drafts(shelf);
    this.link = new Link<StaffCommands, StaffFeed>({
      origin,
      namespace: "/staff",
      auth: () => {
        const { cursor } = this.store.lists.value;
        return cursor === null ? { token } : { token, cursor };
      },
      refused: (error) => {
        if (error.code === "unauthorized") signedOut("Your session has ended. Sign in again.");
        return "stop";
      },
    });
    this.following = new Following({
      link: this.link,
      store: this.store,
      arrived: (events) => this.#arrived(events),
    });
    this.actions = new Actions(this.link, this.store);
    this.typists = new Typists(this.link, this.store);
    this.outbox = new Outbox({
      store: shelf,
      send: ({ id, payload: { conversation, mode, text } }) =>
        this.link.ask(mode === "note" ? "note" : "say", { conversation, id, text }),
      acknowledged: ({ id, payload }) => {
        if (payload.conversation !== this.store.watched.value) this.outbox.drop(id);
      },
    });
    this.#listen();
  }

  /** Connect. */
  open(): void {
    this.link.open();
  }

  /** Leave for good. */
  close(): void {
    this.link.tell("presence", { status: "offline" });
    this.link.close();
  }

  /** Follow one conversation and no other; null follows none. */
  watch(conversation: string | null): void {
    const before = this.store.watched.value;
    if (before === conversation) return;
    if (before !== null) this.#leave(before);
    this.following.open(conversation);
  }

  /** Take a conversation from the line. */
  accept(conversation: string): Promise<boolean> {
    return this.actions.do("accept", conversation, { conversation });
  }

  /** Take a conversation over, at once. */
  takeover(conversation: string): Promise<boolean> {
    return this.actions.do("takeover", conversation, { conversation });
  }

  /** Give a conversation back to the assistant, with what it should know. */
  returnToAssistant(conversation: string, brief: string): Promise<boolean> {
    return this.actions.do("return_to_assistant", conversation, { conversation, brief });
  }

  /** Close a conversation. */
  closeConversation(conversation: string, resolution: string): Promise<boolean> {
    return this.actions.do("close", conversation, { conversation, resolution });
  }

  /** Decide on a hold as it was shown: its revision and digest go along. */
  async decide(hold: Hold, ruling: Ruling): Promise<boolean> {
    const { hold: id, revision, digest } = hold;
    const done = await this.actions.do("decide", id, { hold: id, revision, digest, ...ruling });
    if (!done) await this.#sync();
    return done;
  }

  /** Call a tool in a conversation one has; null when that was refused. */
  call(
    conversation: string,
    called: { id: string; tool: string; arguments: Record<string, unknown> },
  ): Promise<StaffCommands["call"]["answer"] | null> {
    return this.actions.ask("call", conversation, { conversation, ...called });
  }

  /** Slow the customer of a conversation down, keep them out, or lift that. */
  limit(conversation: string, limited: { level: Level; for_s?: number }): Promise<boolean> {
    return this.actions.do("limit", conversation, { conversation, ...limited });
  }

  /** Answer what somebody who decides wants to know. */
  answer(hold: Hold, text: string): Promise<boolean> {
    return this.actions.do("answer", hold.hold, { id: newId(), hold: hold.hold, text });
  }

  /** Say what became of an action nobody knows the outcome of, and how that is known. */
  settle(hold: Hold, outcome: "succeeded" | "failed", reference: string): Promise<boolean> {
    return this.actions.do("settle", hold.hold, { hold: hold.hold, outcome, reference });
  }

  /** Say or note something; it is kept until the server has it. */
  write(written: Written): void {
    this.outbox.post(newId(), written);
    this.drafts.write(written.conversation, written.mode, "");
    if (written.mode === "reply") this.typists.tell(written.conversation, false);
  }

  /** Be online or away; the choice outlives a reconnect. */
  async presence(status: Presence): Promise<void> {
    this.#shelf.write(PRESENCE, status);
    await this.actions.do("presence", "me", { status });
  }

  /** The owner has read the conversation so far. */
  seen(conversation: string, seq: number): void {
    if ((this.#seen.get(conversation) ?? 0) >= seq) return;
    this.#seen.set(conversation, seq);
    this.link.tell("seen", { conversation, seq });
  }

  #listen(): void {
    this.link.on("state", (state) => this.#began(state));
    this.link.on("conversation", (message) => this.store.conversationChanged(message));
    this.link.on("hold", (message) => this.store.holdChanged(message));
    this.link.on("staff", (message) => this.store.staffChanged(message));
    this.link.on("seen", ({ conversation, by, seq }) => {
      if (by.role === "customer") this.store.seen(conversation, seq);
    });
    this.link.on("notice", (notice) => this.store.houseNotice(notice));
    this.link.phase.subscribe((phase) => {
      if (phase === "online") this.lostAt.value = null;
      if (phase === "lost" && this.lostAt.value === null) this.#lost();
    });
  }

  #began(state: StaffState): void {
    this.store.began(state);
    this.#fresh.value = true;
    this.outbox.open = true;
    void this.presence((this.#shelf.read(PRESENCE) ?? "online") as Presence);
    void this.following.catchUp().then(() => (this.#returned.value = false));
  }

  #lost(): void {
    this.lostAt.value = Date.now();
    this.#fresh.value = false;
    this.#returned.value = true;
    this.outbox.open = false;
    this.store.left();
    this.#seen.clear();
  }

  /** The log shows what the outbox still held, or what somebody was seen writing. */
  #arrived(events: readonly LogEvent[]): void {
    for (const event of events) {
      if (event.type === "staff_said" || event.type === "note_added")
        this.outbox.drop(event.data.id ?? "");
      if (event.type === "customer_said") this.typists.stopped(event.conversation);
    }
  }

  #leave(conversation: string): void {
    this.store.looked(conversation);
    this.store.refused(conversation, null);
    for (const { id, payload, state } of this.outbox.letters.value) {
      if (payload.conversation === conversation && state === "sent") this.outbox.drop(id);
    }
  }

  async #sync(): Promise<void> {
    const { cursor } = this.store.lists.value;
    if (cursor === null) return;
    try {
      this.store.began((await this.link.ask("sync", { cursor })).state);
    } catch {
      // the lists catch up with the next message or connect
    }
  }
}
