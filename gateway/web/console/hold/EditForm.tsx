/** Changes the arguments of a held action; it is judged again as a new revision. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useDesk } from "../app/useDesk";
import type { Hold } from "../store/summaries";
import { changedArguments, editable, type Field } from "./editing";
import { DecisionForm } from "./DecisionForm";

export function EditForm({ hold, close }: { hold: Hold; close: () => void }): JSX.Element {
  const desk = useDesk();
  const fields = editable(hold);
  const [entered, setEntered] = useState<Record<string, string>>(
    Object.fromEntries(fields.map(({ name, text }) => [name, text])),
  );
  const changed = changedArguments(fields, entered);
  return (
    <DecisionForm
      hold={hold}
      name="Edit"
      question="What should run instead?"
      hint="It is judged again. Less money and nothing else counts as your approval; anything wider needs somebody else's."
      act="Save as a new revision"
      whole={changed !== null}
      send={() =>
        changed === null
          ? Promise.resolve(false)
          : desk.decide(hold, { decision: "edit", arguments: changed })
      }
      close={close}
    >
      <div class="edit-fields">
        {fields.map((field) => (
          <Entry
            key={field.name}
            field={field}
            text={entered[field.name] ?? ""}
            enter={(text) => setEntered((before) => ({ ...before, [field.name]: text }))}
          />
        ))}
      </div>
    </DecisionForm>
  );
}

interface EntryProps {
  field: Field;
  text: string;
  enter: (text: string) => void;
}

function Entry({ field, text, enter }: EntryProps): JSX.Element {
  const id = `edit-${field.name}`;
  return (
    <>
      <label class="mono s" for={id}>
        {field.name}
      </label>
      <div class="entry">
        <input
          id={id}
          class="field mono"
          value={text}
          readOnly={field.locked}
          inputMode={field.kind === "number" ? "decimal" : "text"}
          aria-describedby={`${id}-note`}
          onInput={(event) => enter(event.currentTarget.value)}
        />
        <span id={`${id}-note`} class="xs muted">
          <Remark field={field} text={text} />
        </span>
      </div>
    </>
  );
}

/** Why a field cannot be changed, what it was before, or that it cannot be read. */
function Remark({ field, text }: { field: Field; text: string }): JSX.Element | null {
  if (field.locked) return <>What it acts on is fixed.</>;
  if (text === field.text) return null;
  if (changedArguments([field], { [field.name]: text }) === null)
    return <span class="c-danger">{field.kind === "number" ? "Not a number." : "Not JSON."}</span>;
  return (
    <>
      was <s>{field.text}</s>
    </>
  );
}
