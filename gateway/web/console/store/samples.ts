/** Makes events and summaries for tests, with only what a test is about spelled out. */
import type { By, EventData, EventType, LogEvent, StaffState } from "../../shared/wire";
import type { Conversation, Hold } from "./summaries";

const AT = "2026-01-02T03:04:05.678Z";

/** An event of the conversation `c_1`. */
export function event<T extends EventType>(
  seq: number,
  type: T,
  data: EventData[T],
  by?: By,
): LogEvent {
  return {
    conversation: "c_1",
    seq,
    v: 1,
    type,
    at: AT,
    by: by ?? { role: "system" },
    epoch: 0,
    data,
  } as unknown as LogEvent;
}

/** A row of the lists. */
export function row(conversation: string, changes: Partial<Conversation> = {}): Conversation {
  return {
    conversation,
    customer: "u_1",
    name: "Elena Marchetti",
    language: null,
    topic: null,
    mood: null,
    score: null,
    threshold: null,
    holds: [],
    unread: 0,
    status: "assistant",
    owner: "assistant",
    staff: null,
    queue: null,
    priority: 0,
    waiting_since: null,
    started_at: AT,
    at: AT,
    seq: 1,
    last: null,
    reasons: [],
    tier: null,
    due_at: null,
    watchers: [],
    ...changes,
  };
}

/** A held refund. */
export function hold(id: string, changes: Partial<Hold> = {}): Hold {
  return {
    hold: id,
    conversation: "c_1",
    customer: "u_1",
    name: "Elena Marchetti",
    kind: "call",
    call: "call_1",
    tool: "issue_refund",
    title: "Refund",
    money: { minor: 18_900, currency: "USD" },
    risk: null,
    rule: "over $50",
    reasons: [],
    evidence: { order: { total: 189 } },
    arguments: { order_id: "A-1", amount: 189 },
    text: null,
    target: "A-1",
    revision: 1,
    digest: "d1",
    status: "held",
    reason: null,
    approvers: { needed: 1, given: 0 },
    created_at: AT,
    expires_at: null,
    by: { role: "assistant", name: "Ada" },
    asked_by: [],
    approved_by: [],
    question: null,
    answer: null,
    escalated_to: null,
    reference: null,
    ...changes,
  };
}

/** What the server says first to Maya, an agent. */
export function state(
  cursor: string,
  changes: { conversations?: Conversation[]; holds?: Hold[]; full?: boolean } = {},
): StaffState {
  const { conversations = [], holds = [], full = false } = changes;
  return {
    cursor,
    full,
    me: { id: "s_1", name: "Maya", role: "agent" },
    assistant: { name: "Ada" },
    staff: [{ id: "s_1", name: "Maya", role: "agent", status: "online", load: 0, capacity: 8 }],
    queues: [],
    conversations,
    holds,
    counts: { line: 0, mine: 0, assistant: 0, human: 0, holds: 0 },
    tools: [],
  };
}
