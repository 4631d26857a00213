/** Where staff write: to the customer, or among themselves; the two never look alike. */
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { codePoints } from "../../shared/text";
import { useDesk } from "../app/useDesk";
import { Icon } from "../parts/Icon";
import { capital } from "../parts/sentence";
import type { Mode } from "../store/drafts";
import { useConversation } from "../thread/useConversation";
import { ModeTabs } from "./ModeTabs";

const LIMIT = 8_000;

interface Props {
  conversation: string;
  mode: Mode;
  /** Change the mode; without it there is only this one. */
  choose?: (mode: Mode) => void;
  /** Stop writing notes; for who may write nothing else. */
  close?: () => void;
}

export function Writer({ conversation, mode, choose, close }: Props): JSX.Element {
  const desk = useDesk();
  const { first } = useConversation(conversation);
  const field = useRef<HTMLTextAreaElement>(null);
  const opened = useRef(false);
  useLayoutEffect(() => {
    if (opened.current || !bringsUpKeyboard()) field.current?.focus();
    opened.current = true;
  }, [mode]);
  const text = desk.drafts.texts.value && desk.drafts.read(conversation, mode);
  const over = codePoints(text) - LIMIT;
  const noting = mode === "note";

  const write = (value: string): void => {
    desk.drafts.write(conversation, mode, value);
    if (!noting) desk.typists.tell(conversation, value.trim() !== "");
  };
  const send = (): void => {
    if (text.trim() === "" || over > 0) return;
    desk.write({ conversation, mode, text });
    field.current?.focus();
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      event.preventDefault();
      send();
    }
    if (event.key === "Escape") {
      field.current?.blur();
      close?.();
    }
  };

  return (
    <div class={noting ? "box noting" : "box"} data-mode={mode}>
      {noting && (
        <div class="notebar">
          <Icon name="lock" />
          <span class="grow">Internal note. {capital(first)} does not see this.</span>
        </div>
      )}
      <ModeTabs
        mode={mode}
        choose={choose}
        close={close}
        hint={noting ? "" : `${capital(first)} sees this`}
      />
      <textarea
        ref={field}
        rows={noting ? 3 : 2}
        aria-label={noting ? "Internal note" : `Reply to ${first}`}
        placeholder={noting ? "A note for your colleagues" : `Reply to ${first}`}
        value={text}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={pressed}
      />
      <div class="foot">
        <span class="xs muted grow" role="status">
          <Waiting conversation={conversation} />
          {over > 0 && <span class="c-danger"> {over} characters too long</span>}
        </span>
        <button
          class={noting ? "btn ink" : "btn primary"}
          type="button"
          disabled={text.trim() === "" || over > 0}
          onClick={send}
        >
          {noting ? "Add note" : desk.lostAt.value === null ? "Send" : "Queue"} <kbd>Ctrl</kbd>
          <kbd>↵</kbd>
        </button>
      </div>
    </div>
  );
}

/** On a touch screen focus covers half of what is to be read. */
function bringsUpKeyboard(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}

/** How many messages of this conversation wait for the connection. */
function Waiting({ conversation }: { conversation: string }): JSX.Element | null {
  const { outbox, lostAt } = useDesk();
  if (lostAt.value === null) return null;
  const waiting = outbox.letters.value.filter(
    ({ payload, state }) =>
      payload.conversation === conversation && (state === "waiting" || state === "delayed"),
  ).length;
  return waiting === 0 ? null : <>{waiting} waiting to be sent</>;
}
