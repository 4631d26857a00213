/** Where the customer writes: Enter sends, Shift+Enter breaks the line. */
import type { JSX, Ref } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { codePoints } from "../../shared/text";
import type { Status } from "../../shared/wire";
import { words } from "../words";
import { Icon } from "./Icon";
import { TalkButton } from "./TalkButton";

const LONGEST = 8_000;
const WARN_FROM = 7_500;
const TALLEST_PX = 132;

interface Props {
  status: Status;
  online: boolean;
  asking: boolean;
  /** What was written before a reload. */
  draft: string;
  field: Ref<HTMLTextAreaElement>;
  onDraft: (text: string) => void;
  onSend: (text: string) => void;
  onTalk: () => void;
}

export function Composer(props: Props): JSX.Element {
  const [text, setText] = useState(props.draft);
  const box = useRef<HTMLDivElement>(null);
  const length = codePoints(text);
  const ready = text.trim() !== "" && length <= LONGEST;
  useLayoutEffect(() => fit(box.current?.querySelector("textarea")), [text]);
  const change = (next: string): void => {
    setText(next);
    props.onDraft(next);
  };
  const send = (): void => {
    if (!ready) return;
    props.onSend(text);
    change("");
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <div ref={box} class="box">
      <textarea
        ref={props.field}
        rows={1}
        dir="auto"
        aria-label={words.write}
        placeholder={placeholder(props)}
        value={text}
        aria-invalid={length > LONGEST}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={key}
      />
      {length > WARN_FROM && <Limit left={LONGEST - length} />}
      <div class="tools">
        <TalkButton status={props.status} asking={props.asking} onTalk={props.onTalk} />
        <span class="grow" />
        <button type="button" class="send" aria-label={words.send} disabled={!ready} onClick={send}>
          <span>
            <Icon name="up" />
          </span>
        </button>
      </div>
    </div>
  );
}

function Limit({ left }: { left: number }): JSX.Element {
  return (
    <p class={`limit ${left < 0 ? "over" : ""}`} role="status">
      {left < 0 ? words.tooLong(-left) : words.left(left)}
    </p>
  );
}

function placeholder({ status, online }: Props): string {
  if (!online) return words.writeOffline;
  return status === "waiting" ? words.writeWaiting : words.write;
}

/** As tall as its text, up to a few lines. */
function fit(field: HTMLTextAreaElement | null | undefined): void {
  if (!field) return;
  field.style.blockSize = "";
  const tall_px = Math.min(field.scrollHeight, TALLEST_PX);
  if (tall_px > field.clientHeight) field.style.blockSize = `${tall_px}px`;
}
