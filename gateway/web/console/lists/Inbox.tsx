/** The left pane of the inbox: the lists with their counts, and the rows of the open one. */
import type { JSX } from "preact";
import { useDesk } from "../app/useDesk";
import { address } from "../app/route";
import { Empty } from "../parts/Empty";
import { Icon } from "../parts/Icon";
import { Skeleton } from "../parts/Skeleton";
import { ConversationRow } from "./ConversationRow";
import { grouped, live, type View } from "./groups";
import { Views } from "./Views";

const NAMES: Record<View, string> = { line: "Line", mine: "Mine", live: "Assistant live" };

export function Inbox({ view }: { view: View }): JSX.Element {
  const { store } = useDesk();
  const lists = store.lists.value;
  const groups = grouped(lists, view);
  return (
    <aside class="pane p-list" aria-label="Conversations">
      <div class="bar">
        <h1 class="grow">Inbox</h1>
      </div>
      <Views view={view} />
      <div class="scroll" tabIndex={0} role="region" aria-label={NAMES[view]}>
        {lists.cursor === null && <Skeleton of="rows" />}
        {groups.map(({ title, rows }) => (
          <section key={title} aria-label={title}>
            <div class="group">
              <span class="grow">{title}</span>
              <span>{rows.length}</span>
            </div>
            {rows.map((row) => (
              <ConversationRow key={row.conversation} row={row} />
            ))}
          </section>
        ))}
        {lists.cursor !== null && groups.length === 0 && (
          <Nothing view={view} live={live(lists).length} />
        )}
      </div>
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
