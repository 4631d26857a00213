/** The time as the page shows it: one beat a second for everything that ticks. */
import { signal } from "@preact/signals";

const beat = signal(Date.now());

/** Start the beat; returns how to stop it. */
export function startClock(): () => void {
  beat.value = Date.now();
  const timer = setInterval(() => (beat.value = Date.now()), 1_000);
  return () => clearInterval(timer);
}

/** Milliseconds since 1970; a component that reads it renders every second. */
export function now_ms(): number {
  return beat.value;
}
