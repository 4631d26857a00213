/** Changes a drafted reply and sends it. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useDesk } from "../app/useDesk";
import type { Hold } from "../store/summaries";
import { DecisionForm } from "./DecisionForm";

export function DraftForm({ hold, close }: { hold: Hold; close: () => void }): JSX.Element {
  const desk = useDesk();
  const [text, setText] = useState(hold.text ?? "");
  return (
    <DecisionForm
      hold={hold}
      name="Edit the reply"
      question="What should be said instead?"
      hint="It is sent at once, in the assistant's name."
      act="Send as edited"
      whole={text.trim() !== "" && text !== hold.text}
      send={() => desk.decide(hold, { decision: "edit", text })}
      close={close}
    >
      <textarea
        class="field"
        aria-label="Reply"
        rows={5}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </DecisionForm>
  );
}
