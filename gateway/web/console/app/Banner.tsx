/** How the connection stands, when it is not simply there. */
import type { JSX } from "preact";
import { formatSpan } from "../../shared/format";
import { now_ms } from "../parts/clock";
import { Icon } from "../parts/Icon";
import { sentence } from "../parts/sentence";
import { useLate } from "../parts/useLate";
import { useDesk } from "./useDesk";

export function Banner(): JSX.Element | null {
  const desk = useDesk();
  const phase = desk.link.phase.value;
  const late = useLate(phase === "online" && desk.catchingUp.value);
  if (phase === "refused")
    return (
      <Refused why={desk.link.refusal.value?.message ?? ""} retry={() => desk.link.reopen()} />
    );
  if (desk.lostAt.value !== null)
    return <Lost at_ms={desk.lostAt.value} retry={() => desk.link.reopen()} />;
  if (!late) return null;
  return (
    <div class="band top" role="status">
      <Icon name="refresh" />
      <span class="grow">Connected. Catching up</span>
    </div>
  );
}

function Lost({ at_ms, retry }: { at_ms: number; retry: () => void }): JSX.Element | null {
  const span_s = Math.max(0, (now_ms() - at_ms) / 1000);
  return (
    <div class="band top danger">
      <Icon name="offline" />
      <span class="grow">
        <b class="b" role="status">
          No connection
        </b>{" "}
        for {formatSpan(span_s)}. What you write is kept and sent once.
      </span>
      <button class="btn" type="button" onClick={retry}>
        Try now
      </button>
    </div>
  );
}

function Refused({ why, retry }: { why: string; retry: () => void }): JSX.Element {
  return (
    <div class="band top danger" role="alert">
      <Icon name="warning" />
      <span class="grow">
        <b class="b">The server refused the connection.</b> {sentence(why)}
      </span>
      <button class="btn" type="button" onClick={retry}>
        Try again
      </button>
    </div>
  );
}
