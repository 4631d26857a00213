/** Answers what somebody who decides wants to know. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useDesk } from "../app/useDesk";
import type { Hold } from "../store/summaries";
import { DecisionForm } from "./DecisionForm";

export function AnswerForm({ hold, close }: { hold: Hold; close: () => void }): JSX.Element {
  const desk = useDesk();
  const [text, setText] = useState("");
  return (
    <DecisionForm
      hold={hold}
      name="Answer"
      question={hold.question?.text ?? ""}
      hint="Your answer goes to who decides; the customer does not see it."
      act="Answer"
      whole={text.trim() !== ""}
      send={() => desk.answer(hold, text.trim())}
      close={close}
    >
      <textarea
        class="field"
        aria-label="Answer"
        rows={2}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </DecisionForm>
  );
}
