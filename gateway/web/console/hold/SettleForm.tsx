/** Says what became of an action nobody knows the outcome of; how that is known must be named. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useDesk } from "../app/useDesk";
import type { Hold } from "../store/summaries";
import { DecisionForm } from "./DecisionForm";

type Outcome = "succeeded" | "failed";

export function SettleForm({ hold, close }: { hold: Hold; close: () => void }): JSX.Element {
  const desk = useDesk();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [reference, setReference] = useState("");
  return (
    <DecisionForm
      hold={hold}
      name="Settle"
      question="Did it run?"
      hint="Look it up where it would have happened. The customer is told what you say here."
      act={outcome === "failed" ? "It did not run" : "It ran"}
      whole={outcome !== null && reference.trim() !== ""}
      send={() =>
        outcome === null ? Promise.resolve(false) : desk.settle(hold, outcome, reference.trim())
      }
      close={close}
    >
      <fieldset class="row">
        <legend class="xs muted">Outcome</legend>
        {OUTCOMES.map(([value, label]) => (
          <label key={value} class="row s">
            <input
              type="radio"
              name="outcome"
              checked={outcome === value}
              onChange={() => setOutcome(value)}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <input
        class="field mono"
        aria-label="Reference"
        placeholder="Reference: a transaction, a ticket, what you looked at"
        value={reference}
        onInput={(event) => setReference(event.currentTarget.value)}
      />
    </DecisionForm>
  );
}

const OUTCOMES: readonly (readonly [Outcome, string])[] = [
  ["succeeded", "It ran"],
  ["failed", "It did not run"],
];
