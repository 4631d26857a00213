/** The holds of this conversation, open or settled, each with the way to its card. */
import type { JSX } from "preact";
import { holdAddress } from "../app/route";
import { headline, statusWord } from "../hold/words";
import { Icon } from "../parts/Icon";
import { Since } from "../parts/Since";
import { type Hold, isSettled } from "../store/summaries";

export function HoldsHere({ holds }: { holds: readonly Hold[] }): JSX.Element | null {
  if (holds.length === 0) return null;
  return (
    <section class="sec">
      <header>
        <h2>Holds</h2>
        <span class="count">{holds.length}</span>
      </header>
      {holds.map((hold) => (
        <a
          key={hold.hold}
          class={isSettled(hold.status) ? "hcard" : "hcard open"}
          href={holdAddress(hold.hold, hold.conversation)}
        >
          <div class="row">
            <span class={isSettled(hold.status) ? "muted" : "c-hold"}>
              <Icon name="hold" />
            </span>
            <b class="b grow cut">{headline(hold)}</b>
            {!isSettled(hold.status) && (
              <span class="c-hold m5">
                <Since at={hold.created_at} />
              </span>
            )}
          </div>
          <div class="xs under">
            {statusWord(hold)}
            {hold.rule && ` · ${hold.rule}`}
          </div>
        </a>
      ))}
    </section>
  );
}
