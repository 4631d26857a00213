/** The banner under the header while there is no connection. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { words } from "../words";
import { Icon } from "./Icon";

const PATIENCE_MS = 1_000;

/** Says nothing for the first second: most losses of a connection are shorter. */
export function Strip({ queued }: { queued: number }): JSX.Element | null {
  const [patient, setPatient] = useState(navigator.onLine);
  useEffect(() => {
    const timer = setTimeout(() => setPatient(false), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (patient) return null;
  const offline = !navigator.onLine;
  return (
    <div class={`strip ${offline ? "" : "quiet"}`} role="status">
      <Icon name={offline ? "offline" : "retry"} />
      <span>
        <b>{offline ? words.offline : words.reconnecting}</b>{" "}
        {queued > 0 && words.willFollow(queued)}
      </span>
    </div>
  );
}
