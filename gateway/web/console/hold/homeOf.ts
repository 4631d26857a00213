/** The list in which a conversation is found. */
import type { View } from "../lists/groups";
import type { Store } from "../store/store";

/** By who owns it now. */
export function homeOf(store: Store, conversation: string): View {
  const owner = store.ownerOf(conversation);
  return owner === "line" ? "line" : owner === "assistant" ? "live" : "mine";
}
