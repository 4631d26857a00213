/** Single keys that act on what is open; they rest while somebody types. */
import { useLayoutEffect, useRef } from "preact/hooks";

/** What each key does, by `KeyboardEvent.key` in lower case. */
export type Keys = Record<string, () => void>;

/** Listen from when the component is seen; no modifier keys, no repeats, not in text fields. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (writes(event.target) || activates(event)) return;
      const act = latest.current[event.key.toLowerCase()];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

function writes(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

/** Enter belongs to the button or link that has the focus. */
function activates({ key, target }: KeyboardEvent): boolean {
  return (
    key === "Enter" && target instanceof HTMLElement && ["BUTTON", "A"].includes(target.tagName)
  );
}
