/** What a held action's card says: only what its events have told, never what may follow. */
import { formatMoney, formatMoment } from "../shared/format";
import type { PublicHold } from "../shared/wire";
import type { HoldHistory } from "./items";

/** `now` is the step that is under way; `fact` the sentence that must not be missed. */
export interface HoldWords {
  readonly title: string;
  readonly tag: string;
  readonly tone: "hold" | "go" | "ok" | "bad" | "plain";
  readonly fact: string;
  /** The next step while people still decide, with what is known about when. */
  readonly awaits: { step: string; detail: string } | null;
  readonly canWithdraw: boolean;
}

/** The words for a hold in its present status. */
export function holdWords(hold: PublicHold, history: HoldHistory): HoldWords {
  const title = hold.title ?? "A request";
  return { title, canWithdraw: false, awaits: null, ...wordsByStatus(hold, history) };
}

type Specific = Pick<HoldWords, "tag" | "tone" | "fact"> & Partial<HoldWords>;

function wordsByStatus(hold: PublicHold, history: HoldHistory): Specific {
  const at = history.changedAt ? ` at ${formatMoment(history.changedAt)}` : "";
  switch (hold.status) {
    case "held":
      return {
        tag: "Waiting",
        tone: "hold",
        fact: `${nothingDone(hold)} yet.`,
        awaits: decision(hold),
        canWithdraw: true,
      };
    case "needs_info":
      return { ...questioned(hold), canWithdraw: true };
    case "approved":
      return { tag: "Approved", tone: "go", fact: `Approved${at}. ${nothingDone(hold)} yet.` };
    case "executing":
      return { tag: "Approved", tone: "go", fact: "It is being carried out, not yet confirmed." };
    case "succeeded":
      return { tag: "Done", tone: "ok", fact: `${amount(hold)}Confirmed${at}.` };
    case "failed":
      return {
        tag: "Not possible",
        tone: "bad",
        fact: `${told(hold, "It could not be carried out.")} ${nothingDone(hold)}.`,
      };
    case "rejected":
      return {
        tag: "Declined",
        tone: "bad",
        fact: `${quoted(hold)}Decided by a person. ${nothingDone(hold)}.`,
      };
    case "withdrawn":
      return {
        tag: "Withdrawn",
        tone: "plain",
        fact: `${withdrawer(history)}${at}. ${nothingDone(hold)}.`,
      };
    case "expired":
      return {
        tag: "Not decided in time",
        tone: "hold",
        fact: `Nobody decided in time. That is our mistake. ${nothingDone(hold)}.`,
      };
    case "unknown":
      return {
        tag: "Being checked",
        tone: "hold",
        fact: "We do not know yet whether this went through. Please do not ask for it again: a person finds out.",
      };
  }
}

function decision(hold: PublicHold): HoldWords["awaits"] {
  const detail = hold.expires_at
    ? `At the latest by ${formatMoment(hold.expires_at)}`
    : "A person looks at it";
  return { step: "Waiting for a colleague’s decision", detail };
}

function questioned(hold: PublicHold): Specific {
  if (hold.question?.to !== "customer") {
    return {
      tag: "Waiting",
      tone: "hold",
      fact: `A colleague checks a detail first. ${nothingDone(hold)} yet.`,
    };
  }
  return {
    tag: "One question for you",
    tone: "go",
    fact: `“${hold.question.text}” ${nothingDone(hold)} yet.`,
  };
}

function withdrawer({ changedBy }: HoldHistory): string {
  return changedBy?.role === "customer" ? "You withdrew this" : "This was withdrawn";
}

function nothingDone(hold: PublicHold): string {
  return hold.money ? "Nothing has been paid" : "Nothing has been changed";
}

function amount(hold: PublicHold): string {
  return hold.money ? `${formatMoney(hold.money)}. ` : "";
}

function quoted(hold: PublicHold): string {
  return hold.reason ? `“${hold.reason}” ` : "";
}

function told(hold: PublicHold, otherwise: string): string {
  return hold.reason || otherwise;
}
