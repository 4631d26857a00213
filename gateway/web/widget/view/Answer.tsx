/** The customer's answer to what people must know before they decide. */
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { words } from "../words";
import { reasonOf } from "./Confirm";
import { Icon } from "./Icon";

interface Props {
  /** Rejects with `CommandError`; the reason is shown here, and what was written stays. */
  onAnswer: (text: string) => Promise<void>;
}

const LONGEST = 8_000;

export function Answer({ onAnswer }: Props): JSX.Element {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const id = useId();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (text.trim() === "" || busy) return;
    setBusy(true);
    setTrouble(null);
    try {
      await onAnswer(text.trim());
    } catch (error) {
      setTrouble(reasonOf(error));
    }
    setBusy(false);
  };
  return (
    <form class="confirm" onSubmit={(event) => void submit(event)}>
      <label class="sub" for={id}>
        {words.answer.label}
      </label>
      <div class="box">
        <textarea
          id={id}
          dir="auto"
          maxLength={LONGEST}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
      {trouble && (
        <p class="fact bad" role="alert">
          <Icon name="alert" look="s" />
          <span>{words.notDone(trouble)}</span>
        </p>
      )}
      <button type="submit" class="btn pri" disabled={busy || text.trim() === ""}>
        {busy ? words.answer.sending : words.answer.send}
      </button>
    </form>
  );
}
