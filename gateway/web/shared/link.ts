/**
 * One Socket.IO connection to a namespace: typed commands with answers, typed events, and a
 * visible phase. It reconnects by itself; what is written while it is away is the outbox's work.
 */
import { signal, type ReadonlySignal } from "@preact/signals";
import { io, type Socket } from "socket.io-client";
import type { Ack, Command, ErrorCode, GoingAway, WireError } from "./wire";

const ANSWER_WITHIN_MS = 10_000;
const RETURN_AFTER_MS = 1_000;

/** `connecting` at first, `lost` while it does not work, `refused` until opened again. */
export type Phase = "connecting" | "online" | "lost" | "refused";

/** Why a command has no answer: the server's code, or `offline` / `timeout` when none came. */
export class CommandError extends Error {
  override name = "CommandError";

  constructor(
    readonly code: ErrorCode | "offline" | "timeout",
    message: string,
  ) {
    super(message);
  }
}

export interface LinkOptions {
  /** The gateway's origin, such as `https://chat.example`. */
  origin: string;
  namespace: "/customer" | "/staff";
  /** Asked anew at every connect, so that no resume, cursor or token is stale; may throw. */
  auth: () => object | Promise<object>;
  /** The server refused the connect; `retry` connects again (with whatever `auth` gives then). */
  refused: (error: WireError) => "retry" | "stop";
}

type Commands<C> = { [K in keyof C]: Command<unknown, unknown> };

/** A connection to one namespace, typed by its commands `C` and the events `F` it receives. */
export class Link<C extends Commands<C>, F extends { going_away: GoingAway }> {
  readonly #phase = signal<Phase>("connecting");
  readonly #refusal = signal<WireError | null>(null);
  readonly #socket: Socket;
  readonly #options: LinkOptions;
  #return: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#socket = io(options.origin + options.namespace, {
      transports: ["websocket"],
      autoConnect: false,
      forceNew: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 8_000,
      auth: (give) => void this.#authenticate(give),
    });
    this.#watchConnection();
  }

  /** Where the connection stands. */
  get phase(): ReadonlySignal<Phase> {
    return this.#phase;
  }

  /** Why the server refused the last connect, while the phase is `refused`. */
  get refusal(): ReadonlySignal<WireError | null> {
    return this.#refusal;
  }

  /** Connect; does nothing while connected or connecting. */
  open(): void {
    this.#closed = false;
    if (this.#phase.value === "refused") this.#phase.value = "connecting";
    addEventListener("online", this.#hurry);
    this.#socket.connect();
  }

  /** Drop the connection and connect anew with what `auth` gives now. */
  reopen(): void {
    this.#socket.disconnect();
    this.open();
  }

  /** Disconnect for good. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#return);
    removeEventListener("online", this.#hurry);
    this.#socket.disconnect();
  }

  /** Call `listener` on each `event`; returns how to stop. */
  on<E extends keyof F & string>(event: E, listener: (data: F[E]) => void): () => void {
    this.#socket.on(event as string, listener as (data: unknown) => void);
    return () => void this.#socket.off(event as string, listener as (data: unknown) => void);
  }

  /** Send a command and wait for its answer; throws `CommandError`. Nothing is buffered. */
  async ask<K extends keyof C & string>(
    command: K,
    payload: C[K]["payload"],
  ): Promise<C[K]["answer"]> {
    if (!this.#socket.connected) throw new CommandError("offline", "There is no connection.");
    const ack = await this.#emit(command, payload);
    if (!ack.ok) throw new CommandError(ack.error.code, ack.error.message);
    return ack;
  }

  /** Send what may be lost (typing, seen); nobody waits for an answer. */
  tell<K extends keyof C & string>(command: K, payload: C[K]["payload"]): void {
    if (this.#socket.connected) this.#socket.volatile.emit(command, payload, () => undefined);
  }

  async #authenticate(give: (auth: object) => void): Promise<void> {
    try {
      give(await this.#options.auth());
    } catch {
      this.#socket.disconnect(); // not as somebody else: try again later
      this.#returnIn(RETURN_AFTER_MS * 4);
    }
  }

  async #emit(command: string, payload: unknown): Promise<Ack<object>> {
    try {
      return (await this.#socket
        .timeout(ANSWER_WITHIN_MS)
        .emitWithAck(command, payload)) as Ack<object>;
    } catch {
      const code = this.#socket.connected ? "timeout" : "offline";
      throw new CommandError(code, "No answer came.");
    }
  }

  #watchConnection(): void {
    this.#socket.on("connect", () => {
      clearTimeout(this.#return);
      this.#refusal.value = null;
      this.#phase.value = "online";
    });
    this.#socket.on("disconnect", (reason) => {
      this.#phase.value = "lost";
      if (reason === "io server disconnect") this.#returnIn(RETURN_AFTER_MS);
    });
    this.#socket.on("connect_error", (error) => this.#failed(error));
    this.#socket.on("going_away", ({ reconnect_in_ms }: GoingAway) => {
      this.#returnIn(reconnect_in_ms, () => this.reopen());
    });
  }

  /** `active` is false when the server answered the connect; otherwise the client tries on. */
  #failed(error: Error & { data?: WireError }): void {
    if (this.#socket.active) {
      this.#phase.value = "lost";
      return;
    }
    const refusal = error.data ?? { code: error.message as ErrorCode, message: error.message };
    if (refusal.code === "unavailable" || refusal.code === "rate_limited") {
      this.#returnIn(RETURN_AFTER_MS * 4);
    } else if (this.#options.refused(refusal) === "retry") {
      this.#returnIn(0);
    } else {
      this.#refusal.value = refusal;
      this.#phase.value = "refused";
    }
  }

  #returnIn(delay_ms: number, act = () => this.open()): void {
    clearTimeout(this.#return);
    if (this.#closed) return;
    const spread_ms = delay_ms * 0.3 * Math.random(); // so that not all come back at once
    this.#return = setTimeout(act, delay_ms + spread_ms);
  }

  readonly #hurry = (): void => {
    if (!this.#socket.connected && this.#phase.value !== "refused") this.reopen();
  };
}
