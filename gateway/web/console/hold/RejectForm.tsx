/** Rejects a held action; the reason is told to the customer, and says so. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useDesk } from "../app/useDesk";
import { useForm } from "../composer/useForm";
import { Icon } from "../parts/Icon";
import { customerName, firstName, type Hold } from "../store/summaries";
import { stake } from "./words";

export function RejectForm({ hold, close }: { hold: Hold; close: () => void }): JSX.Element {
  const desk = useDesk();
  const [reason, setReason] = useState("");
  const busy = desk.actions.busy(hold.hold, "decide") || desk.lostAt.value !== null;
  const submit = async (): Promise<void> => {
    if (reason.trim() && !busy && (await desk.decide(hold, { decision: "reject", reason: reason.trim() }))) close();
  };
  const { whole, submitted, pressed } = useForm(submit, close);
  const first = firstName(customerName(hold));
  return (
    <form ref={whole} class="decide" aria-label="Reject" onSubmit={submitted} onKeyDown={pressed}>
      <div>
        <label class="m5" for="reason">
          Why not?
        </label>
        <div class="xs muted">
          {hold.kind === "draft"
            ? "The assistant is told this, and writes again."
            : "The customer is told this. Nothing will have run."}
        </div>
      </div>
      <textarea
        id="reason"
        class="field"
        rows={2}
        value={reason}
        placeholder={hold.kind === "draft" ? "What is wrong with it" : `What ${first} should know`}
        onInput={(event) => setReason(event.currentTarget.value)}
      />
      <div class="acts-row">
        <button class="btn big danger solid" disabled={busy || reason.trim() === ""}>
          <Icon name="cross" />
          Reject {hold.kind === "draft" ? "the reply" : stake(hold)} <kbd>Ctrl</kbd>
          <kbd>↵</kbd>
        </button>
        <button class="btn big" type="button" onClick={close}>
          Cancel <kbd>Esc</kbd>
        </button>
      </div>
    </form>
  );
}
