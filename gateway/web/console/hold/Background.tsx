/** Beside the action: the customer, and what happened to the hold so far. */
import type { JSX } from "preact";
import { CustomerFacts } from "../context/CustomerFacts";
import { useDesk } from "../app/useDesk";
import type { Hold } from "../store/summaries";
import { customer } from "../thread/facts";
import { Timeline } from "./Timeline";
import { WhoDecides } from "./WhoDecides";

export function Background({ hold }: { hold: Hold }): JSX.Element {
  const { store } = useDesk();
  const known = customer(store.threadOf(hold.conversation).journal.events);
  return (
    <div tabIndex={0} role="region" aria-label="Background">
      <WhoDecides hold={hold} />
      {known && <CustomerFacts customer={known} />}
      <Timeline hold={hold} />
    </div>
  );
}
