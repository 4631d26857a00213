/** A text for a live region that changes at most once in a while. */
import { useEffect, useState } from "preact/hooks";

/** `text` as it was at the last change that was spoken; a later one waits for its time. */
export function useSpoken(text: string, every_ms: number): string {
  const [spoken, setSpoken] = useState({ text: "", at_ms: 0 });
  useEffect(() => {
    if (text === spoken.text) return;
    const due_ms = Math.max(0, spoken.at_ms + every_ms - Date.now());
    const timer = setTimeout(() => setSpoken({ text, at_ms: Date.now() }), due_ms);
    return () => clearTimeout(timer);
  }, [text, spoken, every_ms]);
  return spoken.text;
}
