/** The namespace `/staff`: what its clients send and receive. */
import type { Command, Written } from "./answers";
import type {
  Approvers,
  By,
  HoldStatus,
  Instant,
  LogEvent,
  Money,
  Reason,
  Role,
  Status,
} from "./events";
import type { Delta, GoingAway, Reply, Typing } from "./live";

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

/** A conversation in a list; a change carries only the fields that changed. */
export interface ConversationSummary {
  conversation: string;
  customer: string | null;
  name: string | null;
  language: string | null;
  topic: string | null;
  mood: string | null;
  score: number | null;
  threshold: number | null;
  holds: number;
  unread: number;
  status: Status;
  owner: string;
  queue: string | null;
  priority: number;
  waiting_since: Instant | null;
  seq: number;
  last: { by: Role; text: string } | null;
  reasons: Reason[];
  tier: string | null;
  due_at: Instant | null;
  watchers: number;
}

/** A hold in a list, with all that a decision needs. */
export interface HoldSummary {
  hold: string;
  conversation: string;
  kind: "call" | "draft" | "settle";
  tool: string;
  title: string;
  money: (Money & { direction?: string }) | null;
  risk: string | null;
  rule: string | null;
  reasons: Reason[];
  evidence: Record<string, unknown>;
  arguments: unknown;
  text: string | null;
  revision: number;
  digest: string;
  status: HoldStatus;
  approvers: Approvers;
  created_at: Instant;
  expires_at: Instant | null;
  by: By | null;
}

export interface StaffAuth {
  token: string;
  cursor?: string | number;
}

export interface StaffState {
  cursor: string | number;
  me: { id: string; name: string; role: StaffRole; status?: Presence };
  staff: StaffMember[];
  queues: unknown[];
  conversations: ConversationSummary[];
  holds: HoldSummary[];
  counts: Record<string, number>;
}

export interface WatchState {
  conversation: string;
  seq: number;
  epoch: number;
  owner: string;
  reply: Reply | null;
  events: LogEvent[];
}

interface Of {
  conversation: string;
}

export interface StaffCommands {
  presence: Command<{ status: Presence }, object>;
  watch: Command<Of & { after?: number }, { state: WatchState }>;
  unwatch: Command<Of, object>;
  accept: Command<Of, Written>;
  takeover: Command<Of, Written>;
  say: Command<Of & { id: string; text: string; takeover?: true }, Written>;
  note: Command<Of & { id: string; text: string }, Written>;
  return_to_assistant: Command<Of & { brief: string }, Written>;
  close: Command<Of & { resolution: string; label?: string }, Written>;
  decide: Command<
    {
      hold: string;
      revision: number;
      digest: string;
      decision: "approve" | "reject";
      reason?: string;
    },
    { status: HoldStatus; revision: number; digest: string }
  >;
  typing: Command<Of & { on: boolean }, object>;
  seen: Command<Of & { seq: number }, object>;
  sync: Command<{ cursor: string | number }, { state: StaffState }>;
}

export interface StaffFeed {
  state: StaffState;
  event: LogEvent;
  delta: Delta & Of;
  typing: Typing & Of;
  conversation: Partial<ConversationSummary> & Of & { cursor: string | number };
  hold: Partial<HoldSummary> & { hold: string; cursor: string | number };
  staff: Partial<StaffMember> & { id: string };
  queue: Record<string, number>;
  going_away: GoingAway;
}
