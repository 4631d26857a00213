/** What people and the assistant told each other when the conversation changed hands. */
import type { JSX } from "preact";
import type { LogEvent } from "../../shared/wire";
import { formatMoment } from "../../shared/format";

export function Briefs({ events }: { events: readonly LogEvent[] }): JSX.Element | null {
  const briefs = events.flatMap((event) => {
    if (event.type === "owner_changed")
      return brief(event.seq, event.at, event.by.name, event.data.brief ?? event.data.note);
    if (event.type === "handover_requested")
      return brief(event.seq, event.at, event.by.name, event.data.summary);
    return [];
  });
  const last = briefs.at(-1);
  if (!last) return null;
  return (
    <section class="sec">
      <header>
        <h2>Brief</h2>
        <span class="xs muted">
          {last.from && `${last.from}, `}
          {formatMoment(last.at)}
        </span>
      </header>
      <p class="brief">{last.text}</p>
    </section>
  );
}

function brief(
  seq: number,
  at: string,
  from: string | null | undefined,
  text: string | null | undefined,
) {
  return text ? [{ seq, at, from: from ?? null, text }] : [];
}
