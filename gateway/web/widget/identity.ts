/** Who the customer is to this page: the page's token, and what is kept under its subject. */
import { openStore, type Store } from "../shared/store";

/** A page may set `window.handrail = {token}` before or after the widget's script. */
export interface PageSettings {
  token?: string | (() => string | Promise<string>);
}

declare global {
  interface Window {
    handrail?: PageSettings;
  }
}

/** Reads the token anew each time, since a page's tokens expire. */
export interface Identity {
  /** The gateway's origin: what is kept belongs to it. */
  readonly origin: string;
  token(): Promise<string | undefined>;
}

/** The identity a script element declares: `data-token`, else the page's `handrail.token`. */
export function identityOf(script: HTMLScriptElement): Identity {
  return {
    origin: new URL(script.src, location.href).origin,
    token: async () => {
      const given = script.dataset["token"] ?? window.handrail?.token;
      return (typeof given === "function" ? await given() : given) || undefined;
    },
  };
}

/** The store of one customer at one gateway; without a subject, the anonymous one's. */
export function storeOf(origin: string, subject: string | null): Store {
  return openStore(`handrail ${origin} ${subject === null ? "anonymous" : `sub:${subject}`} `);
}

/** A token's subject, unverified: it only names what is kept. Null without a token. */
export function subjectOf(token: string | undefined): string | null {
  if (token === undefined) return null;
  try {
    const payload = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown };
    return typeof claims.sub === "string" ? claims.sub : "";
  } catch {
    return "";
  }
}
