/** Reply or note: two tabs for the owner, one for everybody else. */
import type { JSX } from "preact";
import { Icon } from "../parts/Icon";
import type { Mode } from "../store/drafts";

interface Props {
  mode: Mode;
  choose: ((mode: Mode) => void) | undefined;
  close: (() => void) | undefined;
  hint: string;
}

export function ModeTabs({ mode, choose, close, hint }: Props): JSX.Element {
  const arrows = (event: KeyboardEvent): void => {
    if (event.key === "ArrowLeft" || event.key === "ArrowRight")
      choose?.(mode === "reply" ? "note" : "reply");
  };
  return (
    <div class="tabs">
      <div class="row tight" role="tablist" aria-label="Write" onKeyDown={arrows}>
        {choose && (
          <Tab selected={mode === "reply"} pick={() => choose("reply")}>
            Reply
          </Tab>
        )}
        <Tab selected={mode === "note"} pick={() => choose?.("note")}>
          <Icon name="lock" />
          Note
        </Tab>
      </div>
      <span class="grow" />
      {hint && <span class="xs muted wide-only">{hint}</span>}
      {close && (
        <button class="btn ghost icon" type="button" aria-label="Put the note away" onClick={close}>
          <Icon name="cross" />
        </button>
      )}
    </div>
  );
}

interface TabProps {
  selected: boolean;
  pick: () => void;
  children: preact.ComponentChildren;
}

function Tab({ selected, pick, children }: TabProps): JSX.Element {
  return (
    <button
      class="tab"
      type="button"
      role="tab"
      aria-selected={selected}
      tabIndex={selected ? 0 : -1}
      onClick={pick}
    >
      {children}
    </button>
  );
}
