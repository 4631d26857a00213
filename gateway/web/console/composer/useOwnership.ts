/** Whether the person may make a conversation theirs, and how. */
import { address, go } from "../app/route";
import { useDesk } from "../app/useDesk";

/** `accept` from the line, `takeover` from the assistant, or from a colleague by supervisors. */
export interface Ownership {
  claimable: "accept" | "takeover" | null;
  busy: boolean;
  /** Claim it, and open it among one's own. */
  claim: () => Promise<void>;
}

/** How a conversation can become the person's own. */
export function useOwnership(conversation: string): Ownership {
  const desk = useDesk();
  const owner = desk.store.ownerOf(conversation);
  const role = desk.store.lists.value.me?.role;
  const foreign = owner.startsWith("staff:") && !desk.store.owns(conversation);
  const claimable =
    owner === "line"
      ? "accept"
      : owner === "assistant" || (foreign && role !== "agent")
        ? "takeover"
        : null;
  const busy = desk.actions.busy(conversation, "accept", "takeover");
  const claim = async (): Promise<void> => {
    const done = await (claimable === "accept"
      ? desk.accept(conversation)
      : desk.takeover(conversation));
    if (done) go(address("mine", conversation), { replace: true });
  };
  return { claimable, busy, claim };
}
