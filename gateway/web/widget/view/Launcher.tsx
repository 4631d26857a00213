/** The round button in the page's corner that opens and closes the chat. */
import type { JSX, Ref } from "preact";
import { words } from "../words";
import { Icon } from "./Icon";

interface Props {
  open: boolean;
  unread: number;
  onToggle: () => void;
  button: Ref<HTMLButtonElement>;
}

export function Launcher({ open, unread, onToggle, button }: Props): JSX.Element {
  const label = open
    ? words.closeChat
    : [words.openChat, unread > 0 && words.unread(unread)].filter(Boolean).join(", ");
  return (
    <button
      ref={button}
      type="button"
      class="launch"
      aria-label={label}
      aria-expanded={open}
      aria-haspopup="dialog"
      onClick={onToggle}
    >
      <Icon name="chat" look="o" />
      <Icon name="down" look="x" />
      {!open && unread > 0 && <span class="badge num">{Math.min(unread, 99)}</span>}
    </button>
  );
}
