/** A hold in words: what it would do, and where it stands. */
import { formatMoney } from "../../shared/format";
import type { HoldStatus } from "../../shared/wire";
import type { Hold } from "../store/summaries";

const WORDS: Record<HoldStatus, string> = {
  held: "waiting for a decision",
  needs_info: "waiting for an answer",
  approved: "approved, about to run",
  executing: "running now",
  succeeded: "done",
  failed: "failed",
  unknown: "outcome not known",
  rejected: "rejected",
  withdrawn: "withdrawn",
  expired: "expired",
};

/** Where a hold stands. */
export function statusWord(status: HoldStatus): string {
  return WORDS[status];
}

/** What would run and for how much: "Refund $189.00". */
export function headline(hold: Pick<Hold, "title" | "money">): string {
  return hold.money ? `${hold.title} ${formatMoney(hold.money)}` : hold.title;
}
