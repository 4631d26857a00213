/** The left pane of the holds: what waits for a decision, what runs, what nobody knows. */
import type { JSX } from "preact";
import { useDesk } from "../app/useDesk";
import { Empty } from "../parts/Empty";
import { GroupedRows } from "./GroupedRows";
import { groupedHolds } from "./groups";
import { HoldRow } from "./HoldRow";

export function HoldList(): JSX.Element {
  return (
    <aside class="pane p-list" aria-label="Held actions">
      <div class="bar">
        <h1 class="grow">Holds</h1>
      </div>
      <GroupedRows
        label="Held actions, by risk, then the oldest first"
        groups={groupedHolds(useDesk().store.lists.value)}
        row={(hold) => <HoldRow key={hold.hold} hold={hold} />}
        nothing={
          <Empty icon="check" title="Nothing is held">
            <p>Actions that a rule keeps for a person appear here before they run.</p>
          </Empty>
        }
      />
    </aside>
  );
}
