/** What staff allow this customer: supervisors slow somebody down, or keep them out for a while. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { formatMoment } from "../../shared/format";
import type { Level, LogEvent } from "../../shared/wire";
import { useDesk } from "../app/useDesk";

const LEVELS: Record<Level, string> = {
  none: "May write freely",
  limited: "A few messages a minute",
  blocked: "Blocked",
};
const FOR_S: readonly (readonly [number, string])[] = [
  [3_600, "an hour"],
  [86_400, "a day"],
  [7 * 86_400, "a week"],
];

export function Allowed({
  conversation,
  events,
}: {
  conversation: string;
  events: readonly LogEvent[];
}): JSX.Element | null {
  const desk = useDesk();
  const [level, setLevel] = useState<Level>("limited");
  const [for_s, setFor] = useState(86_400);
  const now = allowed(events);
  const supervises = desk.store.lists.value.me?.role !== "agent";
  if (!supervises && now === null) return null;
  const busy = desk.actions.busy(conversation, "limit");
  const set = (chosen: Level): void => {
    void desk.limit(conversation, chosen === "none" ? { level: chosen } : { level: chosen, for_s });
  };
  return (
    <section class="sec">
      <header>
        <h2>Allowed</h2>
        <span class={now ? "xs c-danger" : "xs muted"}>{now ? LEVELS[now.level] : "freely"}</span>
      </header>
      {now?.until && <p class="xs muted">Until {formatMoment(now.until)}</p>}
      {supervises && now !== null && (
        <button class="btn" type="button" disabled={busy} onClick={() => set("none")}>
          Lift it
        </button>
      )}
      {supervises && now === null && (
        <form
          class="row wrap"
          aria-label="Limit this customer"
          onSubmit={(event) => {
            event.preventDefault();
            set(level);
          }}
        >
          <select
            class="field"
            aria-label="What they may do"
            value={level}
            onChange={(event) => setLevel(event.currentTarget.value as Level)}
          >
            <option value="limited">Slower</option>
            <option value="blocked">{LEVELS.blocked}</option>
          </select>
          <select
            class="field"
            aria-label="For how long"
            value={String(for_s)}
            onChange={(event) => setFor(Number(event.currentTarget.value))}
          >
            {FOR_S.map(([seconds, words]) => (
              <option key={seconds} value={String(seconds)}>
                for {words}
              </option>
            ))}
          </select>
          <button class="btn danger" disabled={busy}>
            {level === "blocked" ? "Block" : "Limit"}
          </button>
        </form>
      )}
    </section>
  );
}

/** The last word on it in this conversation, while it holds. */
function allowed(events: readonly LogEvent[]): { level: Level; until: string | null } | null {
  const last = events.findLast((event) => event.type === "limited");
  if (last?.type !== "limited" || last.data.level === "none") return null;
  const { level, until } = last.data;
  return until !== null && Date.parse(until) < Date.now() ? null : { level, until };
}
