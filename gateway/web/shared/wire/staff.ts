/** The namespace `/staff`: what its clients send and receive. */
import type { Command, Written } from "./answers";
import type {
  Approvers,
  By,
  Call,
  HoldKind,
  HoldStatus,
  Instant,
  Level,
  LogEvent,
  Money,
  Question,
  Reason,
  Role,
  Status,
} from "./events";
import type { Delta, GoingAway, Reply, Seen, Typing } from "./live";

export type StaffRole = "agent" | "supervisor" | "admin";
export type Presence = "online" | "away" | "offline";

export interface StaffMember {
  id: string;
  name: string;
  role: StaffRole;
  status: Presence;
  load: number;
  capacity: number;
}

/** A conversation in a list; `holds` are the ids of its open holds, `at` its last event's time. */
export interface ConversationSummary {
  conversation: string;
  /** Empty before the customer has said anything. */
  customer: string;
  name: string | null;
  language: string | null;
  topic: string | null;
  mood: string | null;
  score: number | null;
  threshold: number | null;
  holds: string[];
  unread: number;
  status: Status;
  owner: string;
  /** The display name of the person who owns it. */
  staff: string | null;
  queue: string | null;
  priority: number;
  waiting_since: Instant | null;
  started_at: Instant;
  at: Instant;
  seq: number;
  last: { by: Role; text: string } | null;
  reasons: Reason[];
  tier: string | null;
  due_at: Instant | null;
  watchers: string[];
}

/** A hold in a list, with all that a decision needs. */
export interface HoldSummary {
  hold: string;
  conversation: string;
  customer: string;
  name: string | null;
  kind: HoldKind;
  call: string;
  tool: string | null;
  title: string;
  money: Money | null;
  risk: string | null;
  rule: string | null;
  reasons: Reason[];
  evidence: Record<string, unknown>;
  arguments: unknown;
  text: string | null;
  target: string;
  revision: number;
  digest: string;
  status: HoldStatus;
  /** What the customer was told of the decision. */
  reason: string | null;
  approvers: Approvers;
  created_at: Instant;
  expires_at: Instant | null;
  by: By;
  /** Ids of the staff whose request it is: they do not decide on it. */
  asked_by: string[];
  /** Ids of the staff who approved this revision. */
  approved_by: string[];
  question: Question | null;
  answer: string | null;
  escalated_to: string | null;
  reference: string | null;
}

export interface StaffAuth {
  token: string;
  cursor?: string;
}

/** The lists; `full` says that they start afresh, else they are what changed since the cursor. */
export interface StaffState {
  cursor: string;
  full: boolean;
  me: { id: string; name: string; role: StaffRole };
  assistant: { name: string };
  staff: StaffMember[];
  queues: unknown[];
  conversations: ConversationSummary[];
  holds: HoldSummary[];
  counts: Record<"line" | "mine" | "assistant" | "human" | "holds", number>;
  tools: Tool[];
}

/** What the person who has a conversation may call; `arguments` is a JSON Schema of an object. */
export interface Tool {
  name: string;
  title: string;
  description: string;
  effect: "read" | "write";
  arguments: Record<string, unknown>;
}

/** A watched conversation; with `gap` its events start afresh. */
export interface WatchState {
  conversation: string;
  seq: number;
  epoch: number;
  owner: string;
  status: Status;
  reply: Reply | null;
  events: LogEvent[];
  gap: boolean;
}

/** Something is wrong with the house itself; a later one of its code replaces it, `info` ends it. */
export interface Notice {
  code: string;
  level: "info" | "warning" | "error";
  text: string;
  at: Instant;
}

interface Of {
  conversation: string;
}

/** Where in the lists' history a change stands. */
interface Place {
  cursor: string;
}

/** What a person decides on a hold; an edit says the whole arguments, or the draft's text. */
export type Ruling =
  | { decision: "approve" }
  | { decision: "edit"; arguments: Record<string, unknown> }
  | { decision: "edit"; text: string }
  | { decision: "reject"; reason: string }
  | { decision: "ask"; question: Question };

export interface StaffCommands {
  presence: Command<{ status: Presence }, object>;
  watch: Command<Of & { after?: number }, { state: WatchState }>;
  unwatch: Command<Of, object>;
  accept: Command<Of, Written>;
  takeover: Command<Of, Written>;
  say: Command<Of & { id: string; text: string; takeover?: true }, Written>;
  note: Command<Of & { id: string; text: string }, Written>;
  call: Command<
    Of & { id: string; tool: string; arguments: Record<string, unknown> },
    Written & Pick<Call, "call" | "verdict" | "because" | "hold">
  >;
  return_to_assistant: Command<Of & { brief: string }, Written>;
  close: Command<Of & { resolution: string }, Written>;
  decide: Command<
    { hold: string; revision: number; digest: string } & Ruling,
    Written & { status: HoldStatus; revision: number; digest: string }
  >;
  answer: Command<{ id: string; hold: string; text: string }, Written>;
  settle: Command<
    { hold: string; outcome: "succeeded" | "failed"; reference: string },
    Written & { status: HoldStatus }
  >;
  limit: Command<
    Of & { level: Level; for_s?: number; reason?: string },
    Written & { level: Level; until: Instant | null }
  >;
  typing: Command<Of & { on: boolean }, object>;
  seen: Command<Of & { seq: number }, object>;
  sync: Command<{ cursor: string }, { state: StaffState }>;
}

export interface StaffFeed {
  state: StaffState;
  event: LogEvent;
  delta: Delta & Of;
  typing: Typing & Of;
  seen: Seen & Of;
  conversation: ConversationSummary & Place;
  hold: HoldSummary & Place;
  staff: StaffMember;
  notice: Notice;
  going_away: GoingAway;
}
