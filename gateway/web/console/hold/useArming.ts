/** Approval in two steps: armed for three seconds, then run, or nothing happened. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

const ARMED_MS = 3_000;
const DOUBLE_CLICK_MS = 400;

/** The state of the two steps and what moves it. */
export interface Arming {
  armed: boolean;
  button: RefObject<HTMLButtonElement | null>;
  arm: () => void;
  disarm: () => void;
  run: () => void;
  /** Run by the button; the second half of a double click does not count. */
  click: (event: MouseEvent) => void;
}

/** Arm, then `run`; disarmed by itself after three seconds. */
export function useArming(run: () => void): Arming {
  const [armedAt, setArmedAt] = useState<number | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const disarm = (): void => setArmedAt(null);
  useLayoutEffect(() => {
    if (armedAt === null) return;
    button.current?.focus();
    const timer = setTimeout(disarm, ARMED_MS);
    return () => clearTimeout(timer);
  }, [armedAt]);
  const go = (): void => {
    if (armedAt === null) return;
    disarm();
    run();
  };
  return {
    armed: armedAt !== null,
    button,
    arm: () => setArmedAt((at) => at ?? Date.now()),
    disarm,
    run: go,
    click: ({ detail }) => {
      const byKey = detail === 0;
      if (armedAt !== null && (byKey || Date.now() - armedAt > DOUBLE_CLICK_MS)) go();
    },
  };
}
