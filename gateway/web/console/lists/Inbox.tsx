/** The left pane of the inbox: the lists with their counts, and the rows of the open one. */
import type { JSX } from "preact";
import { useDesk } from "../app/useDesk";
import { address } from "../app/route";
import { Empty } from "../parts/Empty";
import { Icon } from "../parts/Icon";
import { ConversationRow } from "./ConversationRow";
import { GroupedRows } from "./GroupedRows";
import { grouped, live, type View } from "./groups";
import { Views } from "./Views";

const NAMES: Record<View, string> = { line: "Line", mine: "Mine", live: "Assistant live" };

export function Inbox({ view }: { view: View }): JSX.Element {
  const lists = useDesk().store.lists.value;
  return (
    <aside class="pane p-list" aria-label="Conversations">
      <div class="bar">
        <h1 class="grow">Inbox</h1>
      </div>
      <Views view={view} />
      <GroupedRows
        label={NAMES[view]}
        groups={grouped(lists, view)}
        row={(row) => <ConversationRow key={row.conversation} row={row} />}
        nothing={<Nothing view={view} live={live(lists).length} />}
      />
    </aside>
  );
}

function Nothing({ view, live }: { view: View; live: number }): JSX.Element {
  if (view === "line") {
    return (
      <Empty icon="check" title="Nobody is waiting">
        <p>Whoever asks for a person, or whom the assistant cannot help, appears here.</p>
      </Empty>
    );
  }
  if (view === "live") {
    return (
      <Empty icon="assistant" title="No conversation right now">
        <p>What customers ask the assistant appears here while it answers.</p>
      </Empty>
    );
  }
  return (
    <Empty icon="check" title="Nothing waits for you">
      <p>Nobody is in line either. You see it here as soon as somebody is.</p>
      {live > 0 && (
        <a class="btn" href={address("live")}>
          <Icon name="assistant" />
          Watch {live} live
        </a>
      )}
    </Empty>
  );
}
