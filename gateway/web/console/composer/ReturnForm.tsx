/** Gives the conversation back to the assistant, with a brief of what was settled. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useDesk } from "../app/useDesk";
import { Icon } from "../parts/Icon";
import { capital } from "../parts/sentence";
import { useConversation } from "../thread/useConversation";
import { closeForm } from "./forms";
import { useForm } from "./useForm";

export function ReturnForm({ conversation }: { conversation: string }): JSX.Element {
  const desk = useDesk();
  const { assistant, first } = useConversation(conversation);
  const [brief, setBrief] = useState("");
  const busy = desk.actions.busy(conversation, "return_to_assistant");
  const submit = async (): Promise<void> => {
    if (brief.trim() && (await desk.returnToAssistant(conversation, brief.trim()))) closeForm();
  };
  const { whole, submitted, pressed } = useForm(submit);
  return (
    <form
      ref={whole}
      class="sheetform"
      aria-label={`Return to ${assistant}`}
      onSubmit={submitted}
      onKeyDown={pressed}
    >
      <div>
        <label class="m5" for="brief">
          What should {assistant} know?
        </label>
        <div class="xs muted">
          {capital(assistant)} reads this with the conversation. {capital(first)} does not.
        </div>
      </div>
      <textarea
        id="brief"
        class="field"
        rows={3}
        value={brief}
        placeholder="What was settled, and what is still open"
        onInput={(event) => setBrief(event.currentTarget.value)}
      />
      <div class="acts-row">
        <button class="btn primary" disabled={busy || brief.trim() === ""}>
          <Icon name="returned" />
          Return to {assistant} <kbd>Ctrl</kbd>
          <kbd>↵</kbd>
        </button>
        <button class="btn" type="button" onClick={closeForm}>
          Cancel <kbd>Esc</kbd>
        </button>
      </div>
    </form>
  );
}
