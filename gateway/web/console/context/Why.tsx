/** Why it came here: each reason with its strength; rules that always hand over say so. */
import type { JSX } from "preact";
import type { LogEvent, Reason } from "../../shared/wire";
import type { Conversation } from "../store/summaries";
import { isAlways, messageOf, reasons, strength } from "./reasons";

interface Props {
  events: readonly LogEvent[];
  row: Conversation | null;
}

export function Why({ events, row }: Props): JSX.Element | null {
  const found = reasons(events, row?.reasons ?? []);
  if (found.length === 0) return null;
  const limit = row?.threshold != null ? `, limit ${row.threshold.toFixed(2)}` : "";
  return (
    <section class="sec">
      <header>
        <h2>Why it came here</h2>
        {row?.score != null && (
          <span class="xs muted">
            {row.score.toFixed(2)}
            {limit}
          </span>
        )}
      </header>
      {found.map((reason) => (
        <OneReason key={reason.signal} reason={reason} />
      ))}
    </section>
  );
}

function OneReason({ reason }: { reason: Reason }): JSX.Element {
  if (isAlways(reason)) {
    return (
      <div class="why">
        <ReasonText reason={reason} />
        <span class="xs muted always">always</span>
      </div>
    );
  }
  const share = strength(reason);
  return (
    <div class="why">
      <ReasonText reason={reason} />
      <span class="meter" role="img" aria-label={`strength ${share.toFixed(2)}`}>
        <i style={{ width: `${share * 100}%` }} />
      </span>
      <span class="xs muted num">{share.toFixed(2).replace(/^0/, "")}</span>
    </div>
  );
}

/** The reason in words; where it names the message that gave it, the way there. */
function ReasonText({ reason }: { reason: Reason }): JSX.Element {
  const seq = messageOf(reason);
  if (seq === null) return <span>{reason.text}</span>;
  const show = (): void => {
    let shown: HTMLElement | null = null;
    for (let at = seq; at > 0 && !shown; at--) shown = document.getElementById(`e${at}`);
    shown?.scrollIntoView({ block: "center" });
  };
  return (
    <button class="lnk wraps" type="button" onClick={show}>
      {reason.text}
    </button>
  );
}
