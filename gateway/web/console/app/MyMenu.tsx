/** The signed-in person: online or away, and the way out. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { initials } from "../../shared/text";
import type { Presence } from "../../shared/wire";
import { Icon } from "../parts/Icon";
import { useDesk } from "./useDesk";

export function MyMenu({ signOut }: { signOut: () => void }): JSX.Element | null {
  const desk = useDesk();
  const [open, setOpen] = useState(false);
  const whole = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const close = (event: Event): void => {
      const inside = event.target instanceof Node && whole.current?.contains(event.target);
      if (event instanceof KeyboardEvent ? event.key === "Escape" : !inside) setOpen(false);
    };
    addEventListener("pointerdown", close);
    addEventListener("keydown", close);
    return () => {
      removeEventListener("pointerdown", close);
      removeEventListener("keydown", close);
    };
  }, [open]);

  const { me, staff } = desk.store.lists.value;
  if (me === null) return null;
  const status = staff.get(me.id)?.status ?? "offline";
  const choose = (chosen: Presence): void => {
    setOpen(false);
    void desk.presence(chosen);
  };
  return (
    <div class="me" ref={whole}>
      <button
        type="button"
        aria-label={`${me.name}, ${status}`}
        aria-haspopup="true"
        aria-expanded={open}
        title={`${me.name}, ${status}`}
        onClick={() => setOpen(!open)}
      >
        <span class="av">
          {initials(me.name)}
          <span class={`state ${status}`} />
        </span>
      </button>
      {open && (
        <div class="menu" role="group" aria-label="You">
          <div class="who">
            <div class="m5 cut">{me.name}</div>
            <div class="xs muted">{me.role}</div>
          </div>
          <Choice status="online" now={status} label="Online" choose={choose} />
          <Choice status="away" now={status} label="Away" choose={choose} />
          <hr />
          <button type="button" onClick={signOut}>
            <Icon name="leave" />
            Sign out
          </button>
        </div>
      )}
    </div>
  );
}

interface ChoiceProps {
  status: Presence;
  now: Presence;
  label: string;
  choose: (status: Presence) => void;
}

function Choice({ status, now, label, choose }: ChoiceProps): JSX.Element {
  return (
    <button type="button" aria-pressed={status === now} onClick={() => choose(status)}>
      <Icon name={status === "online" ? "person" : "moon"} />
      {label}
      {status === now && (
        <span class="check">
          <Icon name="check" />
        </span>
      )}
    </button>
  );
}
