/** What the lists keep of a conversation and of a hold: the wire's summaries as the server fills them. */
import type { ConversationSummary, HoldStatus, HoldSummary, Instant } from "../../shared/wire";

/** A row of the inbox; `holds` are the ids of its open holds, `at` the time of its last event. */
export interface Conversation extends Omit<ConversationSummary, "holds" | "watchers"> {
  holds: readonly string[];
  staff: string | null;
  started_at: Instant;
  at: Instant;
}

/** A held call with all that a decision needs. */
export interface Hold extends HoldSummary {
  customer: string;
  name: string | null;
  call: string;
  target: string;
  reason: string | null;
}

const SETTLED: ReadonlySet<HoldStatus> = new Set([
  "succeeded",
  "failed",
  "rejected",
  "withdrawn",
  "expired",
]);

/** Whether nothing more happens to a hold of this status; an unknown outcome still waits. */
export function isSettled(status: HoldStatus): boolean {
  return SETTLED.has(status);
}

/** What to call the customer of a row. */
export function customerName(row: { name: string | null; customer: string | null }): string {
  return row.name || (row.customer ? `Guest ${row.customer.slice(-4)}` : "Guest");
}

/** The words before the first space, for short labels. */
export function firstName(name: string): string {
  return name.startsWith("Guest") ? "the customer" : (name.split(/\s+/)[0] ?? name);
}
