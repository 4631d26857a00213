/** A customer's session: the connection, the conversation folded from it, and what they may do. */
import { computed, effect, signal, type ReadonlySignal } from "@preact/signals";
import { newId } from "../shared/ids";
import { CommandError, Link, type Phase } from "../shared/link";
import { Outbox, type Letter } from "../shared/outbox";
import { exclusively, type Store } from "../shared/store";
import type {
  CustomerAuth,
  CustomerCommands,
  CustomerFeed,
  CustomerState,
  LogEvent,
  WireError,
} from "../shared/wire";
import {
  begin,
  foldDelta,
  foldEvent,
  foldState,
  noConversation,
  type Conversation,
  type Folded,
} from "./conversation";
import { storeOf, subjectOf, type Identity } from "./identity";
import type { Written } from "./items";
import { Resumption } from "./resumption";

const EVENT_WITHIN_MS = 3_000;
const SYNC_AGAIN_MS = 500;

/** What a `say` or an `ask_human` is answered with. */
type Answer = CustomerCommands["ask_human"]["answer"];

export class Session {
  readonly #conversation = signal<Conversation>(noConversation);
  readonly #loaded = signal(false);
  readonly #anew = signal(false);
  readonly #stops: (() => void)[] = [];
  readonly #store: Store;
  readonly link: Link<CustomerCommands, CustomerFeed>;
  readonly #outbox: Outbox<Written, Answer>;
  readonly #resumption: Resumption;
  #tokenRefused = false;
  #syncing = false;

  /** `changed` is called when the page's token names another customer: start a new session. */
  constructor(
    readonly identity: Identity,
    readonly subject: string | null,
    changed: () => void,
  ) {
    this.#store = storeOf(identity.origin, subject);
    this.#resumption = new Resumption(identity.origin, subject);
    this.link = new Link({
      origin: identity.origin,
      namespace: "/customer",
      auth: () => this.#authenticate(changed),
      refused: (error) => this.#refused(error),
    });
    this.#outbox = new Outbox({
      store: this.#store,
      send: (letter) => this.#send(letter),
      acknowledged: (letter, answer) => this.#acknowledged(letter, answer),
      exclusively: (act) => exclusively(`handrail ${identity.origin} ${subject}`, act),
    });
    this.#listen();
    this.link.open();
  }

  get conversation(): ReadonlySignal<Conversation> {
    return this.#conversation;
  }

  /** The first state has come: what is shown is not a guess. */
  get loaded(): ReadonlySignal<boolean> {
    return this.#loaded;
  }

  get phase(): ReadonlySignal<Phase> {
    return this.link.phase;
  }

  get letters(): ReadonlySignal<readonly Letter<Written>[]> {
    return this.#outbox.letters;
  }

  /** What is kept for this customer on this device. */
  get store(): Store {
    return this.#store;
  }

  /** What the customer is shown: nothing of the old once a new conversation is begun. */
  readonly shown = computed(() => {
    const conversation = this.#conversation.value;
    return this.#beginsAnew() ? begin(conversation, null) : conversation;
  });

  /** A request for a person is on its way. */
  readonly asking = computed(() => {
    return this.letters.value.find(
      ({ payload, state }) => payload.kind === "ask_human" && state !== "sent",
    );
  });

  say(text: string): void {
    const after = this.shown.value.journal.events.at(-1)?.seq ?? 0;
    const fresh =
      this.#anew.value ||
      this.letters.value.some((letter) => isNew(letter) && letter.state === "failed");
    this.#post({ kind: "say", text, after, ...(fresh && { new: true }) });
    this.#anew.value = false;
  }

  /** Ask for a person; as the first act of a new conversation, the old one is left behind. */
  askForPerson(): void {
    const asked = this.asking.value;
    if (asked?.state === "failed") this.#outbox.drop(asked.id);
    if (this.#anew.value) this.#forget();
    this.#post({ kind: "ask_human" });
  }

  /** Send a failed message again; a closed conversation takes no more, so a new one begins. */
  retry(id: string): void {
    const payload = this.letters.value.find((letter) => letter.id === id)?.payload;
    if (this.#conversation.value.status !== "closed" || payload?.kind !== "say" || payload.new) {
      return this.#outbox.retry(id);
    }
    this.#outbox.drop(id);
    this.#post({ ...payload, new: true });
  }

  discard(id: string): void {
    this.#outbox.drop(id);
  }

  /** Answer what people must know before they decide; throws `CommandError`. */
  async answer(hold: string, text: string): Promise<void> {
    await this.link.ask("answer", { id: newId(), hold, text });
  }

  /** Withdraw a held action; throws `CommandError`. */
  async withdraw(hold: string): Promise<void> {
    await this.link.ask("withdraw", { hold });
  }

  /** End the conversation; throws `CommandError`. */
  async leave(): Promise<void> {
    await this.link.ask("leave", {});
  }

  startAnew(): void {
    this.#anew.value = true;
  }

  dispose(): void {
    this.link.close();
    for (const stop of this.#stops) stop();
  }

  #beginsAnew(): boolean {
    return this.#anew.value || this.letters.value.some(isNew);
  }

  #forget(): void {
    this.#anew.value = false;
    this.#resumption.forget();
    this.#follow();
  }

  #post(payload: Written): void {
    this.#outbox.post(newId(), payload);
  }

  async #authenticate(changed: () => void): Promise<CustomerAuth> {
    const token = await this.identity.token();
    if (subjectOf(token) !== this.subject) {
      changed();
      throw new Error("The page's customer changed.");
    }
    const resume = this.#resumption.use();
    const { id, journal } = this.#conversation.value;
    return {
      ...(token !== undefined && { token }),
      ...(resume !== null && { resume }),
      ...(resume !== null && id !== null && { after: journal.reached }),
    };
  }

  /** A refused resume is dropped; a refused token is asked for once more, it may have expired. */
  #refused(error: WireError): "retry" | "stop" {
    if (error.code === "forbidden" && this.#resumption.used !== null) {
      this.#resumption.forget();
      this.#conversation.value = begin(this.#conversation.value, null);
      return "retry";
    }
    const again = error.code === "unauthorized" && this.subject !== null && !this.#tokenRefused;
    this.#tokenRefused = again;
    return again ? "retry" : "stop";
  }

  #listen(): void {
    this.link.on("state", (state) => this.#receive(state));
    this.link.on("event", (event) => {
      this.#fold(foldEvent(this.#conversation.value, event));
      if (this.#resumption.used !== null) this.#dropSaid([event]); // until then only an answer tells it
    });
    this.link.on("delta", (delta) => this.#fold(foldDelta(this.#conversation.value, delta)));
    this.link.on("line", (line) => {
      this.#conversation.value = { ...this.#conversation.value, line };
    });
    this.#stops.push(
      effect(() => {
        if (this.link.phase.value !== "online") this.#outbox.open = false;
      }),
      this.#resumption.watch(() => this.#follow()),
    );
  }

  #receive(state: CustomerState): void {
    this.#tokenRefused = false;
    this.#resumption.keep(state.resume);
    this.#dropSaid(state.events);
    this.#fold(foldState(this.#conversation.value, state));
    this.#loaded.value = true;
    this.#outbox.open = true;
  }

  #dropSaid(events: readonly LogEvent[]): void {
    for (const event of events) {
      if (event.type === "customer_said") this.#outbox.drop(event.data.id);
    }
  }

  #fold(folded: Folded): void {
    this.#conversation.value = folded.conversation;
    if (folded.missing) void this.#sync();
  }

  /** Ask for the whole truth since the last certain place; one question at a time. */
  async #sync(): Promise<void> {
    if (this.#syncing) return;
    this.#syncing = true;
    try {
      const after = this.#conversation.value.journal.certain;
      const { state } = await this.link.ask("sync", { after });
      this.#syncing = false;
      this.#receive(state);
    } catch (error) {
      this.#syncing = false; // after an `offline` the next state tells it all
      if (error instanceof CommandError && error.code !== "offline") this.#syncLater();
    }
  }

  #syncLater(): void {
    const timer = setTimeout(() => void this.#sync(), SYNC_AGAIN_MS);
    this.#stops.push(() => clearTimeout(timer));
  }

  /** Connect anew with what is kept now: another tab began a conversation, or it is forgotten. */
  #follow(): void {
    this.#conversation.value = begin(this.#conversation.value, null);
    this.link.reopen();
  }

  #send({ id, payload }: Letter<Written>): Promise<Answer> {
    if (this.#resumption.outdated) {
      this.#follow();
      throw new CommandError("offline", "Another tab has begun the conversation.");
    }
    if (payload.kind === "ask_human") return this.link.ask("ask_human", { id });
    return this.link.ask("say", { id, text: payload.text, ...(payload.new && { new: true }) });
  }

  #acknowledged({ id, payload }: Letter<Written>, answer: Answer): void {
    const { conversation } = answer;
    if (conversation && conversation !== this.#conversation.value.id) {
      this.#conversation.value = begin(this.#conversation.value, conversation);
    }
    this.#resumption.keep(answer.resume);
    if (payload.kind === "ask_human") this.#outbox.drop(id);
    this.#dropSaid(this.#conversation.value.journal.events);
    this.#expect(answer.seq);
  }

  /** What was acknowledged must come as an event; when it does not, ask for it. */
  #expect(seq: number): void {
    const expected = this.#conversation.value.id;
    const timer = setTimeout(() => {
      const { id, journal } = this.#conversation.value;
      if (id === expected && journal.reached < seq) void this.#sync();
    }, EVENT_WITHIN_MS);
    this.#stops.push(() => clearTimeout(timer));
  }
}

function isNew({ payload }: Letter<Written>): boolean {
  return payload.kind === "say" && payload.new === true;
}
