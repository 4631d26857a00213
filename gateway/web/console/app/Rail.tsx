/** The way between the inbox and the holds, and the person's own menu. */
import type { JSX } from "preact";
import { inLine, openHolds } from "../lists/groups";
import { Icon } from "../parts/Icon";
import { MyMenu } from "./MyMenu";
import { address, route } from "./route";
import { useDesk } from "./useDesk";

export function Rail({ signOut }: { signOut: () => void }): JSX.Element {
  const lists = useDesk().store.lists.value;
  const { view } = route.value;
  const waiting = inLine(lists).length;
  const holds = openHolds(lists).length;
  return (
    <nav class="rail" aria-label="Console">
      <span class="logo" title="handrail">
        <Icon name="logo" />
      </span>
      <a
        href={address("mine")}
        aria-label={waiting ? `Inbox, ${waiting} in line` : "Inbox"}
        aria-current={view === "holds" ? undefined : "page"}
        title="Inbox"
      >
        <Icon name="inbox" />
        {waiting > 0 && <span class="badge waits">{waiting}</span>}
      </a>
      <a
        href={address("holds")}
        aria-label={holds ? `Holds, ${holds} open` : "Holds"}
        aria-current={view === "holds" ? "page" : undefined}
        title="Holds"
      >
        <Icon name="hold" />
        {holds > 0 && <span class="badge">{holds}</span>}
      </a>
      <span class="sp" />
      <MyMenu signOut={signOut} />
    </nav>
  );
}
