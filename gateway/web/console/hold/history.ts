/** What a conversation's log says of one hold: its facts, its state and who did what when. Pure. */
import type { EventOf, HoldStatus, LogEvent } from "../../shared/wire";
import type { Hold } from "../store/summaries";
import { decider } from "../thread/items";

/** One step in a hold's life. */
export interface Step {
  at: string;
  status: HoldStatus;
  by: string | null;
  reason: string | null;
  revision: number;
}

/** The steps of a hold, oldest first. */
export function steps(events: readonly LogEvent[], hold: string): Step[] {
  return events.flatMap((event): Step[] => {
    if (event.type === "held" && event.data.hold === hold) {
      const by = event.by.name ?? null;
      return [
        { at: event.at, status: "held", by, reason: null, revision: event.data.revision ?? 1 },
      ];
    }
    if (event.type === "hold_changed" && event.data.hold === hold) {
      const { status, reason = null, revision = 1 } = event.data;
      return [{ at: event.at, status, by: decider(event), reason, revision }];
    }
    return [];
  });
}

/** The last step a person decided. */
export function decision(history: readonly Step[]): Step | null {
  return (
    history.findLast((step) => ["approved", "rejected", "withdrawn"].includes(step.status)) ?? null
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
    money: data.status === "held" ? data.money : known.money,
    evidence: data.evidence ?? known.evidence,
    approvers: data.approvers ?? known.approvers,
  };
}
