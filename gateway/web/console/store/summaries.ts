/** What the lists keep of a conversation and of a hold, and what can be said of either. */
import type { ConversationSummary, HoldStatus, HoldSummary } from "../../shared/wire";

/** A row of the inbox. */
export type Conversation = ConversationSummary;

/** A held call with all that a decision needs. */
export type Hold = HoldSummary;

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
