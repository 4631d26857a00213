/** Commands that a person waits for: one at a time each, their refusals kept for the page. */
import { signal } from "@preact/signals";
import { CommandError } from "../../shared/link";
import type { StaffCommands } from "../../shared/wire";
import type { Store } from "../store/store";
import type { StaffLink } from "./wire";

/** What is being done right now, and what was refused. */
export class Actions {
  readonly #busy = signal<ReadonlySet<string>>(new Set());
  readonly #link: StaffLink;
  readonly #store: Store;

  constructor(link: StaffLink, store: Store) {
    this.#link = link;
    this.#store = store;
  }

  /** Whether one of these commands on `id` waits for its answer. */
  busy(id: string, ...commands: (keyof StaffCommands)[]): boolean {
    return commands.some((command) => this.#busy.value.has(`${command}:${id}`));
  }

  /** Do it; false when it was refused, or is being done already. */
  async do<K extends keyof StaffCommands & string>(
    command: K,
    id: string,
    payload: StaffCommands[K]["payload"],
  ): Promise<boolean> {
    return (await this.ask(command, id, payload)) !== null;
  }

  /** The same, with the answer; null when it was refused, or is being done already. */
  async ask<K extends keyof StaffCommands & string>(
    command: K,
    id: string,
    payload: StaffCommands[K]["payload"],
  ): Promise<StaffCommands[K]["answer"] | null> {
    if (this.busy(id, command)) return null;
    this.#mark(`${command}:${id}`, true);
    this.#store.refused(id, null);
    try {
      return await this.#link.ask(command, payload);
    } catch (error) {
      this.#store.refused(id, worded(error));
      return null;
    } finally {
      this.#mark(`${command}:${id}`, false);
    }
  }

  #mark(name: string, on: boolean): void {
    const busy = new Set(this.#busy.value);
    if (on) busy.add(name);
    else busy.delete(name);
    this.#busy.value = busy;
  }
}

function worded(error: unknown): string {
  const code = error instanceof CommandError ? error.code : null;
  if (code === "offline") return "There is no connection. Nothing was done.";
  if (code === "timeout") {
    return "No answer came: it may or may not have been done. What you see is what the server knows.";
  }
  return error instanceof Error ? error.message : "That did not work.";
}
