/** What the address says is open: `#/mine/c_1`, `#/mine/c_1/context`, `#/holds/h_1/c_1`. */
import { signal } from "@preact/signals";
import type { View } from "../lists/groups";

/** A list, and perhaps something of it. */
export interface Route {
  view: View | "holds";
  /** A conversation, or in the view `holds` a hold. */
  id: string | null;
  /** The conversation to follow; of a hold it is in the address, as settled holds are in no list. */
  conversation: string | null;
  /** On narrow screens the context stands in the thread's place. */
  context: boolean;
}

const VIEWS: readonly string[] = ["line", "mine", "live", "holds"];

/** The open route; follows the address. */
export const route = signal<Route>(parse(""));

/** Follow the address from now on; returns how to stop. */
export function followAddress(): () => void {
  const read = (): void => void (route.value = parse(location.hash));
  read();
  addEventListener("hashchange", read);
  return () => removeEventListener("hashchange", read);
}

/** Read a hash; anything unknown is the person's own list. */
export function parse(hash: string): Route {
  const [view = "", first, second] = hash.replace(/^#\/?/, "").split("/").map(decoded);
  if (!VIEWS.includes(view)) return { view: "mine", id: null, conversation: null, context: false };
  const id = first || null;
  if (view === "holds") return { view, id, conversation: second || null, context: false };
  return { view: view as View, id, conversation: id, context: second === "context" };
}

/** The address of a list, or of a conversation in it. */
export function address(view: Route["view"], id?: string, pane?: "context"): string {
  const path = [view, ...(id ? [encodeURIComponent(id)] : []), ...(id && pane ? [pane] : [])];
  return `#/${path.join("/")}`;
}

/** The address of a hold's card. */
export function holdAddress(hold: string, conversation: string): string {
  return `#/holds/${encodeURIComponent(hold)}/${encodeURIComponent(conversation)}`;
}

/** Open a route; `replace` leaves no way back to the one before. */
export function go(to: string, { replace = false } = {}): void {
  if (replace) {
    history.replaceState(null, "", to);
    route.value = parse(to);
  } else {
    location.hash = to;
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
