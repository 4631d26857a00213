/** Closes the conversation with how it ended. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useDesk } from "../app/useDesk";
import { Icon } from "../parts/Icon";
import { closeForm } from "./forms";
import { useForm } from "./useForm";

const RESOLUTIONS = [
  ["solved", "Solved"],
  ["not_solved", "Not solved"],
  ["no_answer", "No answer from the customer"],
  ["spam", "Spam"],
] as const;

export function CloseForm({ conversation }: { conversation: string }): JSX.Element {
  const desk = useDesk();
  const [resolution, setResolution] = useState("solved");
  const busy = desk.actions.busy(conversation, "close");
  const submit = async (): Promise<void> => {
    if (await desk.closeConversation(conversation, resolution)) closeForm();
  };
  const { whole, submitted, pressed } = useForm(submit);
  return (
    <form
      ref={whole}
      class="sheetform"
      aria-label="Close the conversation"
      onSubmit={submitted}
      onKeyDown={pressed}
    >
      <fieldset>
        <legend class="m5">How did it end?</legend>
        <div class="choice">
          {RESOLUTIONS.map(([value, label]) => (
            <label key={value}>
              <input
                type="radio"
                name="resolution"
                value={value}
                checked={resolution === value}
                onChange={() => setResolution(value)}
              />
              {label}
            </label>
          ))}
        </div>
      </fieldset>
      <div class="acts-row">
        <button class="btn primary" disabled={busy}>
          <Icon name="check" />
          Close the conversation
        </button>
        <button class="btn" type="button" onClick={closeForm}>
          Cancel <kbd>Esc</kbd>
        </button>
      </div>
    </form>
  );
}
