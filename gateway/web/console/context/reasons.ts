/** Why a conversation came to people: the latest word of each signal since it was last settled. Pure. */
import type { LogEvent, Reason } from "../../shared/wire";

/** The reasons, hard rules first, then the strongest. */
export function reasons(events: readonly LogEvent[], listed: readonly Reason[]): Reason[] {
  const bySignal = new Map<string, Reason>();
  for (const event of events) {
    if (event.type === "owner_changed" && event.data.to === "assistant") bySignal.clear();
    if (event.type === "assessed" || event.type === "handover_requested") {
      for (const reason of event.data.reasons ?? []) bySignal.set(reason.signal, reason);
    }
  }
  for (const reason of listed) bySignal.set(reason.signal, reason);
  return [...bySignal.values()].sort((a, b) => strength(b) - strength(a));
}

/** Whether a reason is a rule that always hands over, whatever else speaks against it. */
export function isAlways(reason: Reason): boolean {
  return strength(reason) >= 1;
}

/** A reason's strength from 0 to 1. */
export function strength({ score }: Reason): number {
  return Math.min(1, Math.max(0, score));
}

/** The seq of the message that gave the reason, if it says. */
export function messageOf({ evidence }: Reason): number | null {
  const seq = (evidence as { seq?: unknown } | null | undefined)?.seq;
  return typeof seq === "number" ? seq : null;
}
