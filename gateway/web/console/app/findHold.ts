/** A hold by its id: from the lists, or from the log of its conversation once it left them. */
import { holdsOf } from "../hold/history";
import { customer } from "../thread/facts";
import type { Store } from "../store/store";
import type { Hold } from "../store/summaries";

/** The hold, or null when neither knows it. */
export function findHold(store: Store, id: string, conversation: string | null): Hold | null {
  const listed = store.lists.value.holds.get(id);
  if (listed || conversation === null) return listed ?? null;
  const { events } = store.threadOf(conversation).journal;
  const logged = holdsOf(events).find((hold) => hold.hold === id);
  if (!logged) return null;
  const known = customer(events);
  return { ...logged, customer: known?.id ?? "", name: known?.name ?? null };
}
