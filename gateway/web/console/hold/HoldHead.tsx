/** What would run and for whom, who asked, which revision, how long it waits. */
import type { JSX } from "preact";
import { formatMoment, formatSpan } from "../../shared/format";
import { address } from "../app/route";
import { now_ms } from "../parts/clock";
import { Icon } from "../parts/Icon";
import { Since } from "../parts/Since";
import { customerName, type Hold, isSettled } from "../store/summaries";
import { headline } from "./words";

export function HoldHead({ hold }: { hold: Hold }): JSX.Element {
  const draft = hold.kind === "draft";
  return (
    <header class="bar">
      <a class="btn ghost icon phone-only" href={address("holds")} aria-label="Back to the list">
        <Icon name="back" />
      </a>
      <div class="grow">
        <h1 class="cut">
          {headline(hold)} <span class="muted">{draft ? "to" : "for"}</span> {customerName(hold)}
        </h1>
        <div class="xs muted cut">
          {hold.tool && <span class="mono">{hold.tool}, </span>}
          {draft ? "written" : "asked for"} by {hold.by?.name ?? "the assistant"} at{" "}
          {formatMoment(hold.created_at)}
          <span class="hide-s">
            {" "}
            · revision {hold.revision} · digest{" "}
            <span class="mono" title={hold.digest}>
              {short(hold.digest)}
            </span>
          </span>
        </div>
      </div>
      {!isSettled(hold.status) && <Due hold={hold} />}
    </header>
  );
}

function Due({ hold }: { hold: Hold }): JSX.Element {
  if (hold.expires_at !== null) {
    return (
      <div class="due m5">
        <span class="c-hold">{formatSpan((Date.parse(hold.expires_at) - now_ms()) / 1000)}</span>{" "}
        left
        {hold.escalated_to && <div class="xs c-danger then">escalated</div>}
      </div>
    );
  }
  return (
    <div class="due">
      <div class="m5 c-hold">
        <Since at={hold.created_at} />
      </div>
      <div class="xs muted then">held</div>
    </div>
  );
}

function short(digest: string): string {
  return digest.length > 12 ? `${digest.slice(0, 4)}…${digest.slice(-4)}` : digest;
}
