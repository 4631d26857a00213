/** One session at a time, for whoever the page's token names. */
import { signal, type ReadonlySignal } from "@preact/signals";
import { Attention } from "./attention";
import { subjectOf, type Identity } from "./identity";
import { Session } from "./session";

const TOKEN_AGAIN_MS = 5_000;

/** A session, and the attention that goes with it. */
export interface Current {
  readonly session: Session;
  readonly attention: Attention;
}

/** The session of the page's customer, once the page has told its token; null until then. */
export function followCustomer(identity: Identity): ReadonlySignal<Current | null> {
  const current = signal<Current | null>(null);
  const begin = async (): Promise<void> => {
    current.value?.attention.dispose();
    current.value?.session.dispose();
    current.value = null;
    try {
      const subject = subjectOf(await identity.token());
      const session = new Session(identity, subject, () => void begin());
      current.value = { session, attention: new Attention(session) };
    } catch {
      setTimeout(() => void begin(), TOKEN_AGAIN_MS);
    }
  };
  void begin();
  return current;
}
