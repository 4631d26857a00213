/** Tells the customer that their person has read what they wrote, once it is really on show. */
import { useComputed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { LogEvent } from "../../shared/wire";
import { useDesk } from "../app/useDesk";

/** Report the customer's last message as seen while its owner looks at the page. */
export function useSeen(conversation: string, events: readonly LogEvent[]): void {
  const desk = useDesk();
  const mine = useComputed(() => desk.store.owns(conversation)).value;
  const online = desk.link.phase.value === "online";
  useEffect(() => {
    const report = (): void => {
      const last = events.findLast((event) => event.type === "customer_said");
      if (mine && online && last && document.visibilityState === "visible")
        desk.seen(conversation, last.seq);
    };
    report();
    document.addEventListener("visibilitychange", report);
    return () => document.removeEventListener("visibilitychange", report);
  }, [desk, conversation, events, mine, online]);
}
