/** The owner calls a tool; it is judged by the same rules as the assistant's calls. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { newId } from "../../shared/ids";
import { useDesk } from "../app/useDesk";
import { Icon } from "../parts/Icon";
import { closeForm } from "./forms";
import { entered, type ToolField, toolFields } from "./toolFields";
import { useForm } from "./useForm";

export function ActionForm({ conversation }: { conversation: string }): JSX.Element {
  const desk = useDesk();
  const tools = desk.store.lists.value.tools;
  const [name, setName] = useState(tools[0]?.name ?? "");
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [id, setId] = useState(newId);
  const [refused, setRefused] = useState<string | null>(null);
  const tool = tools.find((one) => one.name === name);
  const fields = toolFields(tool?.arguments);
  const given = entered(fields, texts);
  const ready = given !== null && !desk.actions.busy(conversation, "call");
  const submit = async (): Promise<void> => {
    if (given === null || !ready) return;
    const told = await desk.call(conversation, { id, tool: name, arguments: given });
    if (told === null) return;
    if (told.verdict === "allow" || told.verdict === "hold") closeForm();
    else {
      setRefused(told.because ?? "The rules do not allow this.");
      setId(newId());
    }
  };
  const enter = (field: string, text: string): void => {
    setTexts((before) => ({ ...before, [field]: text }));
    setId(newId());
  };
  const { whole, submitted, pressed } = useForm(submit);
  const choose = (chosen: string): void => {
    setName(chosen);
    setTexts({});
    setRefused(null);
    setId(newId());
  };
  return (
    <form
      ref={whole}
      class="sheetform"
      aria-label="Action"
      onSubmit={submitted}
      onKeyDown={pressed}
    >
      <div>
        <div class="m5">What should be done?</div>
        <div class="xs muted">
          {tool?.description ?? ""} The rules judge it like the assistant's; above a threshold
          somebody else decides.
        </div>
      </div>
      <div class="edit-fields">
        <label class="s" for="tool">
          Action
        </label>
        <select
          id="tool"
          class="field"
          value={name}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          {tools.map((one) => (
            <option key={one.name} value={one.name}>
              {one.title}
            </option>
          ))}
        </select>
        {fields.map((field) => (
          <Entry
            key={`${name}:${field.name}`}
            field={field}
            text={texts[field.name] ?? ""}
            enter={(text) => enter(field.name, text)}
          />
        ))}
      </div>
      {refused && (
        <p class="s c-danger" role="alert">
          Nothing was done: {refused}
        </p>
      )}
      <div class="acts-row">
        <button class="btn primary" disabled={!ready}>
          <Icon name="check" />
          {tool?.effect === "read" ? "Look it up" : "Do it"} <kbd>Ctrl</kbd>
          <kbd>↵</kbd>
        </button>
        <button class="btn" type="button" onClick={closeForm}>
          Cancel <kbd>Esc</kbd>
        </button>
      </div>
    </form>
  );
}

interface EntryProps {
  field: ToolField;
  text: string;
  enter: (text: string) => void;
}

function Entry({ field, text, enter }: EntryProps): JSX.Element {
  const id = `argument-${field.name}`;
  const list = field.choices.length > 0 ? `${id}-choices` : undefined;
  return (
    <>
      <label class="mono s" for={id}>
        {field.name}
        {field.required ? "" : " (optional)"}
      </label>
      <input
        id={id}
        class="field"
        value={text}
        list={list}
        title={field.hint}
        placeholder={field.hint}
        inputMode={field.kind === "number" ? "decimal" : "text"}
        onInput={(event) => enter(event.currentTarget.value)}
      />
      {list && (
        <datalist id={list}>
          {field.choices.map((choice) => (
            <option key={choice} value={choice} />
          ))}
        </datalist>
      )}
    </>
  );
}
