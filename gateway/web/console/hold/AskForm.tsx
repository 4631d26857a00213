/** Asks the customer, or the agent, what must be known before deciding. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Question } from "../../shared/wire";
import { useDesk } from "../app/useDesk";
import { customerName, firstName, type Hold } from "../store/summaries";
import { DecisionForm } from "./DecisionForm";

export function AskForm({ hold, close }: { hold: Hold; close: () => void }): JSX.Element {
  const desk = useDesk();
  const [to, setTo] = useState<Question["to"]>("customer");
  const [text, setText] = useState("");
  const first = firstName(customerName(hold));
  const question = { to, text: text.trim() };
  return (
    <DecisionForm
      hold={hold}
      name="Ask"
      question="What must be known first?"
      hint="Nothing runs meanwhile. The answer comes back to this card."
      act={to === "customer" ? `Ask ${first}` : "Ask the agent"}
      whole={question.text !== ""}
      send={() => desk.decide(hold, { decision: "ask", question })}
      close={close}
    >
      <textarea
        class="field"
        aria-label="Question"
        rows={2}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <fieldset class="row">
        <legend class="xs muted">Who is asked</legend>
        <Whom label={first} chosen={to === "customer"} choose={() => setTo("customer")} />
        <Whom label="A colleague" chosen={to === "agent"} choose={() => setTo("agent")} />
      </fieldset>
    </DecisionForm>
  );
}

interface WhomProps {
  label: string;
  chosen: boolean;
  choose: () => void;
}

function Whom({ label, chosen, choose }: WhomProps): JSX.Element {
  return (
    <label class="row s">
      <input type="radio" name="whom" checked={chosen} onChange={choose} />
      {label}
    </label>
  );
}
