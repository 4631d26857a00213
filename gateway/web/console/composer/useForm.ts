/** What the small forms share: focus on opening, Esc puts away, Ctrl+Enter sends. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { closeForm } from "./forms";

const FIRST = "input:checked, textarea, select, input:not([readonly])";

/** Handlers for a form element. */
export interface FormHandlers {
  whole: RefObject<HTMLFormElement | null>;
  submitted: (event: Event) => void;
  pressed: (event: KeyboardEvent) => void;
}

/** Focus the form's first field and route its keys. */
export function useForm(submit: () => Promise<void>, close: () => void = closeForm): FormHandlers {
  const whole = useRef<HTMLFormElement>(null);
  useLayoutEffect(
    () => whole.current?.querySelector<HTMLElement>(FIRST)?.focus(),
    [],
  );
  return {
    whole,
    submitted: (event) => {
      event.preventDefault();
      void submit();
    },
    pressed: (event) => {
      if (event.key === "Escape") close();
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void submit();
    },
  };
}
