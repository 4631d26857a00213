/** What is sent beside the log: frames, the line, typing, seen, going away. */
import type { By, Instant } from "./events";

/** The reply in progress as a state carries it: `text` contains the frames up to `n`. */
export interface Reply {
  turn: number;
  attempt: number;
  step: number;
  epoch: number;
  n: number;
  text: string;
}

/** A frame of a reply as it is written, with its own `text`; `n` counts from 0 within a step. */
export interface Delta extends Reply {
  conversation?: string;
}

/** A customer's place among those waiting; `wait_s` is [low, high] or not known yet. */
export interface Line {
  position: number | null;
  wait_s?: [number, number] | null;
  deadline?: Instant | null;
  then?: string | null;
  message?: string | null;
}

/** How many people are at work, as customers are told. */
export interface People {
  here: number;
  until: Instant | null;
}

export interface Typing {
  conversation?: string;
  by: By;
  on: boolean;
  ttl_s: number;
}

export interface Seen {
  conversation?: string;
  by: By;
  seq: number;
}

export interface GoingAway {
  reconnect_in_ms: number;
}
