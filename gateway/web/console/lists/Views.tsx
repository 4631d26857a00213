/** The lists by name, with what is in them and how long it waits. */
import type { JSX } from "preact";
import { address } from "../app/route";
import { useDesk } from "../app/useDesk";
import { Icon, type IconName } from "../parts/Icon";
import { Since } from "../parts/Since";
import { inLine, live, mine, openHolds, type View, waitsSince } from "./groups";

export function Views({ view }: { view: View }): JSX.Element {
  const lists = useDesk().store.lists.value;
  const line = inLine(lists);
  const own = mine(lists);
  const holds = openHolds(lists);
  const oldest = line
    .map(waitsSince)
    .filter((at) => at !== null)
    .sort()[0];
  const unread = own.filter((row) => row.unread > 0).length;
  return (
    <nav class="views" aria-label="Lists">
      <Entry to="line" open={view === "line"} icon="clock" label="Line" count={line.length}>
        {oldest && (
          <>
            oldest <Since at={oldest} />
          </>
        )}
      </Entry>
      <Entry to="mine" open={view === "mine"} icon="person" label="Mine" count={own.length}>
        {unread > 0 && `${unread} unread`}
      </Entry>
      <Entry
        to="live"
        open={view === "live"}
        icon="assistant"
        label="Assistant live"
        count={live(lists).length}
      />
      <Entry to="holds" open={false} icon="hold" label="Holds" count={holds.length} />
    </nav>
  );
}

interface EntryProps {
  to: View | "holds";
  open: boolean;
  icon: IconName;
  label: string;
  count: number;
  children?: preact.ComponentChildren;
}

function Entry({ to, open, icon, label, count, children }: EntryProps): JSX.Element {
  return (
    <a href={address(to)} aria-current={open ? "page" : undefined}>
      <Icon name={icon} />
      <span>{label}</span>
      <span class="age">{children}</span>
      <span class="n">{count}</span>
    </a>
  );
}
