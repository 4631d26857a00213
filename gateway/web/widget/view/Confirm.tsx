/** An inline question before something that cannot be taken back; the focus is on keeping. */
import type { JSX } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { CommandError } from "../../shared/link";
import { words } from "../words";
import { Icon } from "./Icon";

interface Props {
  question: string;
  more: string;
  act: string;
  keep: string;
  /** Rejects with `CommandError`; the reason is shown here. */
  onAct: () => Promise<void>;
  onKeep: () => void;
}

export function Confirm({ question, more, act, keep, onAct, onKeep }: Props): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const kept = useRef<HTMLButtonElement>(null);
  const id = useId();
  useLayoutEffect(() => kept.current?.focus(), []);
  const run = async (): Promise<void> => {
    setBusy(true);
    setTrouble(null);
    try {
      await onAct();
      onKeep();
    } catch (error) {
      setTrouble(reasonOf(error));
      setBusy(false);
    }
  };
  const escape = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onKeep();
  };
  return (
    <div
      class="confirm"
      role="alertdialog"
      aria-labelledby={`${id}q`}
      aria-describedby={`${id}m`}
      onKeyDown={escape}
    >
      <div>
        <h3 id={`${id}q`}>{question}</h3>
        <p class="sub" id={`${id}m`}>
          {more}
        </p>
      </div>
      {trouble && (
        <p class="fact bad" role="alert">
          <Icon name="alert" look="s" />
          <span>{words.notDone(trouble)}</span>
        </p>
      )}
      <div class="row">
        <button type="button" class="btn fill bad" disabled={busy} onClick={() => void run()}>
          {act}
        </button>
        <button ref={kept} type="button" class="btn fill" onClick={onKeep}>
          {keep}
        </button>
      </div>
    </div>
  );
}

/** Why a command was not carried out, as the customer is told. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof CommandError)) return String(error);
  if (error.code === "offline") return words.offlineNow;
  return error.code === "timeout" ? words.noAnswer : error.message;
}
