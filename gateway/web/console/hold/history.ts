/** What a conversation's log says of one hold: its facts, its state and who did what when. Pure. */
import type { Decision, EventOf, HoldStatus, LogEvent } from "../../shared/wire";
import type { Hold } from "../store/summaries";
import { decider } from "../thread/items";

/** One step in a hold's life. */
export interface Step {
  at: string;
  status: HoldStatus;
  decision: Decision | null;
  by: string | null;
  reason: string | null;
  revision: number;
}

/** Whether a person's decision is awaited. */
export function awaitsDecision(status: HoldStatus): boolean {
  return status === "held" || status === "needs_info";
}

/** The steps of a hold, oldest first. */
export function steps(events: readonly LogEvent[], hold: string): Step[] {
  return events.flatMap((event): Step[] => {
    if (event.type === "held" && event.data.hold === hold) {
      const by = event.by.name ?? null;
      const { revision = 1, kind } = event.data;
      const status = kind === "settle" ? "unknown" : "held";
      return [{ at: event.at, status, decision: null, by, reason: null, revision }];
    }
    if (event.type === "hold_changed" && event.data.hold === hold) {
      const { status, decision = null, revision = 1 } = event.data;
      const reason = event.data.reason ?? event.data.question?.text ?? event.data.answer ?? null;
      return [{ at: event.at, status, decision, by: decider(event), reason, revision }];
    }
    return [];
  });
}

/** The last step a person decided. */
export function decision(history: readonly Step[]): Step | null {
  return (
    history.findLast(({ status }) => ["approved", "rejected", "withdrawn"].includes(status)) ?? null
  );
}

/** All holds of a conversation as its log tells them, in the order they were held. */
export function holdsOf(events: readonly LogEvent[]): Hold[] {
  const holds = new Map<string, Hold>();
  for (const event of events) {
    if (event.type === "held") holds.set(event.data.hold, held(event));
    else if (event.type === "hold_changed") {
      const known = holds.get(event.data.hold);
      if (known) holds.set(known.hold, changed(known, event));
    }
  }
  return [...holds.values()];
}

function held(event: EventOf<"held">): Hold {
  const { data } = event;
  return {
    hold: data.hold,
    conversation: event.conversation,
    customer: "",
    name: null,
    kind: data.kind ?? "call",
    call: data.call ?? "",
    tool: data.tool ?? null,
    title: data.title ?? data.tool ?? "Action",
    money: data.money,
    risk: data.risk ?? null,
    rule: data.rule ?? null,
    reasons: data.reasons ?? [],
    evidence: data.evidence ?? {},
    arguments: data.arguments,
    text: data.text ?? null,
    target: data.target ?? "",
    revision: data.revision ?? 1,
    digest: data.digest ?? "",
    status: data.kind === "settle" ? "unknown" : "held",
    reason: null,
    approvers: data.approvers ?? { needed: 1, given: 0 },
    created_at: event.at,
    expires_at: data.expires_at ?? null,
    by: event.by,
    asked_by: event.by.id ? [event.by.id] : [],
    approved_by: [],
    question: null,
    answer: null,
    escalated_to: null,
    reference: null,
  };
}

function changed(known: Hold, { data }: EventOf<"hold_changed">): Hold {
  return {
    ...known,
    status: data.status,
    revision: data.revision ?? known.revision,
    digest: data.digest ?? known.digest,
    title: data.title ?? known.title,
    target: data.target ?? known.target,
    rule: data.rule ?? known.rule,
    risk: data.risk === undefined ? known.risk : data.risk,
    reasons: data.reasons ?? known.reasons,
    reason: data.reason ?? known.reason,
    ...((awaitsDecision(data.status) || data.decision === "edit") && { money: data.money }),
    ...(awaitsDecision(data.status) && { expires_at: data.expires_at ?? null }),
    evidence: data.evidence ?? known.evidence,
    approvers: data.approvers ?? known.approvers,
    arguments: data.arguments ?? known.arguments,
    text: data.text ?? known.text,
    question: data.question ?? known.question,
    answer: data.answer ?? known.answer,
    escalated_to: data.escalated_to ?? known.escalated_to,
    reference: data.reference ?? known.reference,
    ...involved(known, data),
  };
}

/** Who asked and who approved; a new revision voids what was approved, an edit may count as one. */
function involved(
  known: Hold,
  { decision, by, revision, approvers }: EventOf<"hold_changed">["data"],
): Pick<Hold, "asked_by" | "approved_by"> {
  const { asked_by } = known;
  const approved_by = (revision ?? known.revision) === known.revision ? known.approved_by : [];
  if (!by?.id) return { asked_by, approved_by };
  if (decision === "approve" || (decision === "edit" && approvers?.given))
    return { asked_by, approved_by: [...approved_by, by.id] };
  if (decision === "edit") return { asked_by: [...asked_by, by.id], approved_by };
  return { asked_by, approved_by };
}
