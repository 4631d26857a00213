/** One hold in the list: what would run, for whom, how long it waits, by which rule. */
import type { JSX } from "preact";
import { holdAddress, route } from "../app/route";
import { headline, statusWord } from "../hold/words";
import { Icon } from "../parts/Icon";
import { Since } from "../parts/Since";
import { capital } from "../parts/sentence";
import { customerName, type Hold } from "../store/summaries";

export function HoldRow({ hold }: { hold: Hold }): JSX.Element {
  const open = route.value.id === hold.hold;
  const { needed, given } = hold.approvers;
  const asked = hold.by?.role === "staff" ? "person" : "assistant";
  return (
    <a
      class={hold.status === "held" ? "conv unread" : "conv"}
      href={holdAddress(hold.hold, hold.conversation)}
      aria-current={open ? "true" : undefined}
    >
      <span class={`c-${asked}`} title={`Asked for by ${hold.by?.name ?? "the assistant"}`}>
        <Icon name={asked} />
      </span>
      <span class="name cut">{headline(hold)}</span>
      <span class="when">
        <Since at={hold.created_at} />
      </span>
      <span class="last cut">{customerName(hold)}</span>
      <span class="tags">
        {hold.rule && (
          <span class={hold.risk === "high" ? "chip danger" : "chip plain"}>
            <span>{capital(hold.rule)}</span>
          </span>
        )}
        <span class="grow" />
        {hold.status === "held" && needed > 1 && (
          <span class="xs muted" title="Approvals">
            {given} of {needed}
          </span>
        )}
        {hold.status !== "held" && <span class="xs muted">{statusWord(hold)}</span>}
        {hold.risk && (
          <span
            class={`htag ${hold.risk}`}
            role="img"
            aria-label={`${hold.risk} risk`}
            title={`${hold.risk} risk`}
          >
            <i />
            <i />
            <i />
          </span>
        )}
      </span>
    </a>
  );
}
