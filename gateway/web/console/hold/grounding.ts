/** Why something is held, line by line. Pure. */
import type { Reason } from "../../shared/wire";
import type { Hold } from "../store/summaries";

/** A sentence for staff, and the rule's own condition where one says it. */
export interface Ground {
  text: string;
  condition: string | null;
}

/** What holds it, and what else speaks against it; a rule joined of several reasons comes apart. */
export function grounds(hold: Pick<Hold, "kind" | "rule" | "reasons">): {
  because: Ground[];
  besides: Ground[];
} {
  const { kind, reasons } = hold;
  const rule = hold.rule ?? (kind === "settle" ? null : "a rule holds it");
  const named = reasons.filter(({ text }) => rule?.includes(text));
  const joined = named.map(({ text }) => text).join("; ") === rule;
  const because = joined ? named.map(ground) : rule === null ? [] : [{ text: rule, condition: null }];
  const besides = reasons.filter((reason) => !(joined && named.includes(reason))).map(ground);
  return { because, besides };
}

function ground({ text, signal, evidence }: Reason): Ground {
  const condition = signal === "rule" || signal === "undecided" ? evidence : null;
  return { text, condition: typeof condition === "string" ? condition : null };
}
