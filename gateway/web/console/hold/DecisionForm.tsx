/** What the forms of a decision share: a question, its fields, and a button that says what follows. */
import type { ComponentChildren, JSX } from "preact";
import { useDesk } from "../app/useDesk";
import { useForm } from "../composer/useForm";
import type { Hold } from "../store/summaries";

interface Props {
  hold: Hold;
  name: string;
  question: string;
  hint: string;
  act: string;
  /** Whether what was entered can be sent. */
  whole: boolean;
  /** Resolves to false when it was refused. */
  send: () => Promise<boolean>;
  close: () => void;
  children: ComponentChildren;
}

export function DecisionForm(props: Props): JSX.Element {
  const { hold, name, question, hint, act, close, children } = props;
  const desk = useDesk();
  const busy = desk.actions.busy(hold.hold, "decide", "answer", "settle");
  const ready = props.whole && !busy && desk.lostAt.value === null;
  const submit = async (): Promise<void> => {
    if (ready && (await props.send())) close();
  };
  const { whole, submitted, pressed } = useForm(submit, close);
  return (
    <form ref={whole} class="decide" aria-label={name} onSubmit={submitted} onKeyDown={pressed}>
      <div>
        <div class="m5">{question}</div>
        <div class="xs muted">{hint}</div>
      </div>
      {children}
      <div class="acts-row">
        <button class="btn big primary" disabled={!ready}>
          {act} <kbd>Ctrl</kbd>
          <kbd>↵</kbd>
        </button>
        <button class="btn big" type="button" onClick={close}>
          Cancel <kbd>Esc</kbd>
        </button>
      </div>
    </form>
  );
}
