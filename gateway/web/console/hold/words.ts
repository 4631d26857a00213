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
export function statusWord({ status, kind }: Pick<Hold, "status" | "kind">): string {
  return kind === "draft" && status === "succeeded" ? "sent" : WORDS[status];
}

/** What would run and for how much: "Refund of $189.00"; a title that says the sum is enough. */
export function headline({ title, money }: Pick<Hold, "title" | "money">): string {
  if (!money) return title;
  const sums = [formatMoney(money), formatMoney(money, "en-US")];
  return sums.some((sum) => title.includes(sum)) ? title : `${title} ${sums[0]}`;
}

/** What approving does, for its button. */
export function approval(hold: Pick<Hold, "title" | "money" | "kind">): string {
  return hold.kind === "draft" ? "Send the reply" : `Approve ${stake(hold)}`;
}

/** What a decision moves, for its button: "$189.00", or what would run when no money does. */
export function stake({ title, money }: Pick<Hold, "title" | "money">): string {
  return money ? formatMoney(money) : title;
}
