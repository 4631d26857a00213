/** Commands and how they are answered. */

export type ErrorCode =
  | "bad_request"
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "expired"
  | "rate_limited"
  | "too_large"
  | "unavailable";

export interface WireError {
  code: ErrorCode;
  message: string;
}

export type Ack<T> = ({ ok: true } & T) | { ok: false; error: WireError };

/** What a command is sent with and answered with. */
export interface Command<P, A> {
  payload: P;
  answer: A;
}

/** Every command that writes answers with the place of its event. */
export interface Written {
  seq: number;
}
