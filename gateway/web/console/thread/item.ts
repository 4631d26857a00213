/** The kinds of things a thread shows. */
import type { By, Decision, HoldStatus, Money } from "../../shared/wire";

/** Where a tool call stands. */
export type CallState =
  "asked" | "running" | "succeeded" | "failed" | "unknown" | "not_started" | "deny" | "invalid";

interface Placed {
  /** Stable through the thread's life. */
  key: string;
  seq: number;
  at: string;
}

export interface MessageItem extends Placed {
  kind: "message";
  by: By;
  text: string;
  /** Why the text ends early, if it does. */
  cut: "takeover" | "handover" | "closing" | "a new message" | null;
}

export interface NoteItem extends Placed {
  kind: "note";
  by: By;
  text: string;
}

export interface ToolItem extends Placed {
  kind: "tool";
  tool: string;
  arguments: unknown;
  state: CallState;
  because: string | null;
  /** Who called it, when that was a person. */
  by: By | null;
  outcome: { result?: unknown; error?: unknown } | null;
}

export interface HoldItem extends Placed {
  kind: "hold";
  hold: string;
  conversation: string;
  title: string;
  money: Money | null;
  rule: string | null;
}

export interface DecisionItem extends Placed {
  kind: "decision";
  hold: string;
  conversation: string;
  title: string;
  status: HoldStatus;
  decision: Decision | null;
  by: string | null;
  reason: string | null;
}

export interface HandoverItem extends Placed {
  kind: "handover";
  reasons: readonly string[];
}

export interface OwnerItem extends Placed {
  kind: "owner";
  from: string;
  to: string;
  name: string | null;
  brief: string | null;
}

export interface RuleItem extends Placed {
  kind: "rule";
  what: "started" | "closed" | "reopened";
  detail: string | null;
}

export interface TroubleItem extends Placed {
  kind: "trouble";
  outcome: "failed" | "silent";
}

export type Item =
  | MessageItem
  | NoteItem
  | ToolItem
  | HoldItem
  | DecisionItem
  | HandoverItem
  | OwnerItem
  | RuleItem
  | TroubleItem;
