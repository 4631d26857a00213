/** Who is signed in: by e-mail and password, or by a one-time code in the address. */
import { signal } from "@preact/signals";
import type { Store } from "../../shared/store";
import type { Me } from "../store/lists";

/** A sign-in the server answered; `expires_at` is ISO 8601. */
export interface Session {
  token: string;
  expires_at: string;
  staff: Me;
}

/** Why a sign-in failed, in words for the person. */
export class SignInError extends Error {
  override name = "SignInError";
}

type Proof = { email: string; password: string } | { code: string };

const KEY = "session";
const CODE = /^#signin=(.+)$/;

/** The session of this tab: kept until it ends, by sign-out, expiry or refusal. */
export class Sessions {
  /** The current session, or null. */
  readonly current = signal<Session | null>(null);
  /** Why the last one ended, or why the code did not work; shown above the form. */
  readonly ended = signal<string | null>(null);
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    this.current.value = valid(store.read(KEY));
  }

  /** Sign in; throws `SignInError`. */
  async signIn(proof: Proof): Promise<void> {
    const session = await request(proof);
    this.#store.write(KEY, JSON.stringify(session));
    this.ended.value = null;
    this.current.value = session;
  }

  /** Use a one-time code from the address, which loses it at once; true when there was one. */
  async signInByAddress(): Promise<boolean> {
    const code = CODE.exec(location.hash)?.[1];
    if (code === undefined) return false;
    history.replaceState(null, "", location.pathname + location.search);
    this.current.value = null;
    try {
      await this.signIn({ code: decodeURIComponent(code) });
    } catch (error) {
      this.end(error instanceof Error ? error.message : null);
    }
    return true;
  }

  /** Sign out: the server ends the session as well, everywhere. */
  signOut(): void {
    const token = this.current.value?.token;
    if (token !== undefined) void forget(token);
    this.end(null);
  }

  /** End the session; `why` is told on the sign-in page. */
  end(why: string | null): void {
    this.#store.remove(KEY);
    this.ended.value = why;
    this.current.value = null;
  }
}

function valid(text: string | null): Session | null {
  if (text === null) return null;
  const session = JSON.parse(text) as Session;
  return Date.parse(session.expires_at) > Date.now() ? session : null;
}

async function request(proof: Proof): Promise<Session> {
  let answer: Response;
  try {
    answer = await fetch("/api/v1/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(proof),
    });
  } catch {
    throw new SignInError("The server cannot be reached. Check the connection and try again.");
  }
  if (!answer.ok) throw new SignInError(await problem(answer));
  return (await answer.json()) as Session;
}

/** Best effort: a session that could not be ended ends with its time. */
async function forget(token: string): Promise<void> {
  try {
    await fetch("/api/v1/session", {
      method: "DELETE",
      headers: { Authorization: `Bearer ${token}` },
      keepalive: true,
    });
  } catch {
    // there is nobody left to tell
  }
}

/** The words of an `application/problem+json`, or the status when it is something else. */
async function problem(answer: Response): Promise<string> {
  try {
    const { title, detail } = (await answer.json()) as { title?: string; detail?: string };
    return detail || title || `The server answered ${answer.status}.`;
  } catch {
    return `The server answered ${answer.status}.`;
  }
}
