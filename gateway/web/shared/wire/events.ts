/** The events of a conversation's log, and the values they are made of. */
/** An ISO 8601 time in UTC with milliseconds. */
export type Instant = string;

/** An amount in the smallest unit of its currency (cents for USD). */
export interface Money {
  minor: number;
  currency: string;
}

export type Role = "customer" | "assistant" | "staff" | "system";

/** Who wrote an event; staff are sent `id` as well. */
export interface By {
  role: Role;
  name?: string;
  id?: string;
}

/** Who may speak to the customer, as the customer sees it. */
export type Status = "assistant" | "waiting" | "human" | "closed";

/** What staff allow a customer: a few messages a minute, or none. */
export type Level = "none" | "limited" | "blocked";

export type HoldStatus =
  | "held"
  | "needs_info"
  | "approved"
  | "executing"
  | "succeeded"
  | "failed"
  | "unknown"
  | "rejected"
  | "withdrawn"
  | "expired";

export type HoldKind = "call" | "draft" | "settle";

/** What was done to a hold. */
export type Decision =
  | "approve"
  | "edit"
  | "reject"
  | "ask"
  | "answer"
  | "withdraw"
  | "supersede"
  | "escalate"
  | "expire"
  | "reconcile"
  | "settle";

export interface Question {
  to: "customer" | "agent";
  text: string;
}

/** How many people must approve, and how many have. */
export interface Approvers {
  needed: number;
  given: number;
}

/** The public fields of a hold; its events carry some of them. */
export interface PublicHold {
  hold: string;
  title?: string | null;
  money: Money | null;
  status: HoldStatus;
  expires_at?: Instant | null;
  reason?: string | null;
  question?: Question | null;
}

/** One call of an `assistant_called`; customers are not sent any. */
export interface Call {
  call: string;
  model_call_id?: string | null;
  tool: string;
  arguments: unknown;
  verdict: "allow" | "hold" | "deny" | "invalid";
  because?: string | null;
  hold?: string;
  judged?: Judged;
}

/** What an allowed write was judged to be. */
export interface Judged {
  title: string;
  target: string;
  money: Money | null;
}

/** Why the monitor or a rule brought a person in. */
export interface Reason {
  signal: string;
  score: number;
  text: string;
  evidence?: unknown;
}

/** `data` by event type, as staff see it; what customers are not sent is optional. */
export interface EventData {
  conversation_started: {
    customer?: string;
    channel?: string;
    locale?: string | null;
    page?: string | null;
    attributes?: Record<string, unknown>;
    previous?: string;
  };
  customer_identified: {
    customer: string;
    level: string;
    how: "token" | "tool" | "staff";
    attributes: Record<string, unknown>;
  };
  customer_said: { id: string; text: string; attachments?: unknown[] };
  assistant_called: {
    turn: number;
    attempt: number;
    step: number;
    text: string;
    calls?: Call[];
    tokens?: number;
    withheld?: string;
  };
  tool_started: { call: string; key: string | null };
  tool_finished: {
    call: string;
    key: string | null;
    result?: unknown;
    error?: unknown;
    outcome: "succeeded" | "failed" | "unknown" | "not_started";
  };
  staff_called: {
    call: string;
    tool: string;
    arguments: unknown;
    verdict: Call["verdict"];
    because: string | null;
    hold?: string;
    judged?: Judged;
  };
  assistant_said: {
    turn?: number;
    text: string;
    citations?: unknown[];
    partial?: boolean;
    hold?: string;
    edited?: boolean;
  };
  turn_ended: {
    turn: number;
    outcome: "replied" | "drafted" | "handed_over" | "cut" | "failed" | "silent";
    upto: number;
    tokens?: number;
  };
  staff_said: { id?: string; text: string; attachments?: unknown[] };
  system_said: { text: string; code?: string };
  note_added: { id: string; text: string };
  limited: { level: Level; until: Instant | null; reason: string | null };
  assessed: {
    turn: number;
    outcome: "continue" | "offer" | "draft" | "handover";
    score: number;
    threshold: number;
    certified: boolean;
    reasons: Reason[];
  };
  held: Omit<PublicHold, "status"> & {
    status?: "held" | "unknown";
    kind?: HoldKind;
    call?: string;
    revision?: number;
    digest?: string;
    tool?: string | null;
    arguments?: unknown;
    text?: string;
    target?: string;
    rule?: string | null;
    risk?: string | null;
    reasons?: Reason[];
    evidence?: Record<string, unknown>;
    approvers?: Approvers;
    supersedes?: string;
    reconcile_at?: Instant;
  };
  hold_changed: PublicHold & {
    decision?: Decision;
    by?: By;
    revision?: number;
    digest?: string;
    rule?: string | null;
    evidence?: Record<string, unknown>;
    approvers?: Approvers;
    /** From here on of a call that waits again, with what it is about now. */
    target?: string;
    risk?: string | null;
    reasons?: Reason[];
    arguments?: unknown;
    text?: string;
    answer?: string;
    escalated_to?: string;
    superseded_by?: string;
    reference?: string;
    reconcile_at?: Instant;
  };
  handover_requested: {
    reason: string;
    reasons?: Reason[];
    queue?: string | null;
    priority?: number;
    summary?: string | null;
  };
  owner_changed: {
    epoch: number;
    status?: Status;
    staff?: { name: string } | null;
    from?: string;
    to?: string;
    cause?: string;
    name?: string | null;
    queue?: string | null;
    note?: string | null;
    brief?: string | null;
  };
  follow_up_opened: { text: string; contact: string | null; due_at: Instant | null };
  conversation_closed: { resolution: string | null };
  conversation_reopened: Record<string, never>;
}

export type EventType = keyof EventData;

export interface EventOf<T extends EventType> {
  conversation: string;
  seq: number;
  v: number;
  type: T;
  at: Instant;
  by: By;
  epoch: number;
  data: EventData[T];
}

/** Any event of a conversation's log, discriminated by `type`. */
export type LogEvent = { [T in EventType]: EventOf<T> }[EventType];
