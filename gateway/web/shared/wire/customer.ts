/** The namespace `/customer`: what its clients send and receive. */
import type { Command, Written } from "./answers";
import type { Instant, Level, LogEvent, PublicHold, Status } from "./events";
import type { Delta, GoingAway, Line, People, Reply, Seen, Typing } from "./live";

export interface CustomerAuth {
  token?: string;
  resume?: string;
  after?: number;
}

/** What the page's owner configured for the widget. */
export interface WidgetSettings {
  title?: string | null;
  colour?: string | null;
  greeting?: string | null;
  suggestions?: string[];
  notice?: string | null;
}

export interface CustomerState {
  conversation: string | null;
  resume: string | null;
  seq: number;
  epoch: number;
  status: Status;
  assistant: { name: string };
  staff: { name: string } | null;
  reply: Reply | null;
  line: Line | null;
  holds: PublicHold[];
  events: LogEvent[];
  gap: boolean;
  settings: WidgetSettings;
}

/** An answer that may have begun a conversation. */
interface Begun extends Written {
  conversation: string;
  resume?: string;
}

export interface CustomerCommands {
  say: Command<{ id: string; text: string; new?: true }, Begun>;
  ask_human: Command<{ id: string; reason?: string }, Begun>;
  answer: Command<{ id: string; hold: string; text: string }, Written>;
  withdraw: Command<{ hold: string }, Written>;
  leave: Command<Record<string, never>, Written>;
  sync: Command<{ after: number }, { state: CustomerState }>;
  typing: Command<{ on: boolean }, object>;
  seen: Command<{ seq: number }, object>;
}

export interface CustomerFeed {
  state: CustomerState;
  event: LogEvent;
  delta: Delta;
  line: Line;
  typing: Typing;
  seen: Seen;
  people: People;
  limited: { level: Level; until: Instant | null };
  going_away: GoingAway;
}
