/** The left pane of the holds: what waits for a decision, what runs, what nobody knows. */
import type { JSX } from "preact";
import { useDesk } from "../app/useDesk";
import { Empty } from "../parts/Empty";
import { Skeleton } from "../parts/Skeleton";
import { groupedHolds } from "./groups";
import { HoldRow } from "./HoldRow";

export function HoldList(): JSX.Element {
  const lists = useDesk().store.lists.value;
  const groups = groupedHolds(lists);
  return (
    <aside class="pane p-list" aria-label="Held actions">
      <div class="bar">
        <h1 class="grow">Holds</h1>
      </div>
      <div
        class="scroll"
        tabIndex={0}
        role="region"
        aria-label="Held actions, by risk, then the oldest first"
      >
        {lists.cursor === null && <Skeleton of="rows" />}
        {groups.map(({ title, rows }) => (
          <section key={title} aria-label={title}>
            <div class="group">
              <span class="grow">{title}</span>
              <span>{rows.length}</span>
            </div>
            {rows.map((hold) => (
              <HoldRow key={hold.hold} hold={hold} />
            ))}
          </section>
        ))}
        {lists.cursor !== null && groups.length === 0 && (
          <Empty icon="check" title="Nothing is held">
            <p>Actions that a rule keeps for a person appear here before they run.</p>
          </Empty>
        )}
      </div>
    </aside>
  );
}
