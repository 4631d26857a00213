/** The header's menu: arrow keys move, Esc closes and gives focus back. */
import type { JSX, TargetedKeyboardEvent } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { words } from "../words";
import { Icon } from "./Icon";

export function Menu({ onEnd }: { onEnd: () => void }): JSX.Element {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  useLayoutEffect(() => {
    if (!open) return;
    list.current?.querySelector("button")?.focus();
    const root = list.current?.getRootNode();
    const outside = (event: Event): void => {
      if (
        !list.current?.contains(event.target as Node) &&
        !button.current?.contains(event.target as Node)
      )
        setOpen(false);
    };
    root?.addEventListener("pointerdown", outside);
    return () => root?.removeEventListener("pointerdown", outside);
  }, [open]);
  return (
    <>
      <button
        ref={button}
        type="button"
        class="ib"
        aria-label={words.menu}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="more" />
      </button>
      {open && (
        <div
          ref={list}
          class="menu"
          role="menu"
          aria-label={words.menu}
          onKeyDown={(event) => move(event, close)}
        >
          <button type="button" role="menuitem" class="bad" onClick={() => (close(), onEnd())}>
            <Icon name="leave" look="flip" />
            {words.endConversation}
          </button>
        </div>
      )}
    </>
  );
}

/** Arrow keys go round the items; Esc and Tab leave the menu, Esc without closing the chat. */
function move(event: TargetedKeyboardEvent<HTMLDivElement>, close: () => void): void {
  const items = [...event.currentTarget.querySelectorAll("button")];
  const at = items.indexOf(event.target as HTMLButtonElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step !== undefined) {
    event.preventDefault();
    items.at((at + step) % items.length)?.focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    event.stopPropagation();
    close();
  }
}
