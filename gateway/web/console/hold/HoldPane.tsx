/** The hold card: everything a decision needs, and the decision itself. */
import type { JSX } from "preact";
import { useDesk } from "../app/useDesk";
import { Empty } from "../parts/Empty";
import { Oops } from "../parts/Oops";
import { Skeleton } from "../parts/Skeleton";
import type { Hold } from "../store/summaries";
import { Arguments } from "./Arguments";
import { Asked } from "./Asked";
import { Background } from "./Background";
import { DecisionBar } from "./DecisionBar";
import { DraftText } from "./DraftText";
import { Evidence } from "./Evidence";
import { Excerpt } from "./Excerpt";
import { HoldHead } from "./HoldHead";
import { MoneyAndRule } from "./MoneyAndRule";
import { StatusBand } from "./StatusBand";

export function HoldPane({ id, hold }: { id: string | null; hold: Hold | null }): JSX.Element {
  const { store } = useDesk();
  if (hold === null) return <NoHold id={id} loading={store.lists.value.cursor === null} />;
  const refusal =
    store.refusals.value.get(hold.hold) ?? store.refusals.value.get(hold.conversation);
  return (
    <main class="pane p-card" aria-label="Held action">
      <a class="skip" href="#" onClick={skipToDecision}>
        Skip to the decision
      </a>
      <HoldHead hold={hold} />
      <StatusBand hold={hold} />
      <div class="sheet">
        <div tabIndex={0} role="region" aria-label="The action">
          <Asked hold={hold} />
          {hold.kind === "draft" ? <DraftText hold={hold} /> : <Arguments hold={hold} />}
          {hold.kind !== "draft" && <MoneyAndRule hold={hold} />}
          <Evidence hold={hold} />
          <Excerpt hold={hold} />
        </div>
        <Background hold={hold} />
      </div>
      {refusal && (
        <div class="decide">
          <Oops
            text={refusal}
            dismiss={() => [hold.hold, hold.conversation].forEach((at) => store.refused(at, null))}
          />
        </div>
      )}
      <DecisionBar
        key={`${hold.hold}:${hold.revision}:${hold.digest}:${hold.status}`}
        hold={hold}
      />
    </main>
  );
}

function NoHold({ id, loading }: { id: string | null; loading: boolean }): JSX.Element {
  return (
    <main class="pane p-card" aria-label="Held action">
      {loading ? (
        <Skeleton of="talk" />
      ) : id === null ? (
        <Empty icon="hold" title="No held action open">
          <p>Choose one from the list to see exactly what would run.</p>
        </Empty>
      ) : (
        <Empty icon="check" title="This hold is no longer open">
          <p>It was settled before. Its conversation shows how.</p>
        </Empty>
      )}
    </main>
  );
}

function skipToDecision(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>(".acts button")?.focus();
}
