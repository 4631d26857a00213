/** The thread's quiet lines in words. */
import type { Decision, HoldStatus } from "../../shared/wire";
import type { CallState, DecisionItem, OwnerItem } from "./item";

const CALLS: Record<CallState, string> = {
  asked: "not started yet",
  running: "running",
  succeeded: "done",
  failed: "failed",
  unknown: "outcome not known",
  not_started: "not started",
  deny: "refused by a rule",
  invalid: "not a valid call",
};

/** Where a tool call stands. */
export function callWord(state: CallState): string {
  return CALLS[state];
}

const ACTS: Partial<Record<HoldStatus, string>> = {
  held: "was held again",
  approved: "was approved",
  rejected: "was rejected",
  withdrawn: "was withdrawn",
  succeeded: "is done",
  failed: "failed",
  unknown: "ran, but its outcome is not known",
  expired: "expired without a decision",
};

const DECIDED: Partial<Record<Decision, string>> = {
  edit: "was changed",
  ask: "needs an answer, asked",
  answer: "was answered",
  escalate: "was escalated: nobody decided in time",
  supersede: "was replaced by another request",
  reconcile: "is looked up",
  settle: "was settled",
};

/** What became of a hold, after its title: "was approved by Daniel". */
export function decisionWords({ status, decision, by }: DecisionItem): string {
  const act =
    decision === "approve" && status === "held"
      ? "was approved, one more is needed,"
      : ((decision && DECIDED[decision]) ?? ACTS[status] ?? status);
  const person = decision && !["escalate", "supersede", "reconcile"].includes(decision);
  return by && person ? `${act} by ${by}` : act;
}

/** Who has the conversation now, and how it came to that. */
export function ownerWords(
  { from, to, name }: OwnerItem,
  assistant: string,
  mine: boolean,
): string {
  if (to === "assistant")
    return from === "line" ? `Back with ${assistant}` : `Returned to ${assistant}`;
  const who = mine ? "You" : (name ?? "A colleague");
  if (from === "line") return `${who} accepted the conversation`;
  return from === "assistant" ? `${who} took over from ${assistant}` : `${who} took over`;
}

/** A resolution as people read it: "no_answer" gives "no answer". */
export function resolutionWords(resolution: string): string {
  return resolution.replaceAll("_", " ");
}
