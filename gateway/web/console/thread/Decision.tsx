/** What became of a held action, as a quiet line; an unknown outcome is not quiet. */
import type { JSX } from "preact";
import { formatMoment } from "../../shared/format";
import { holdAddress } from "../app/route";
import { Icon, type IconName } from "../parts/Icon";
import type { HoldStatus } from "../../shared/wire";
import type { DecisionItem } from "./item";
import { decisionWords } from "./words";

const LOOKS: Partial<Record<HoldStatus, readonly [IconName, string]>> = {
  succeeded: ["check", "c-person"],
  approved: ["check", ""],
  failed: ["warning", "c-danger"],
  unknown: ["warning", "c-danger"],
  rejected: ["cross", ""],
  withdrawn: ["returned", ""],
};

export function Decision({ item }: { item: DecisionItem }): JSX.Element {
  const [icon, tone] = LOOKS[item.status] ?? (["hold", ""] as const);
  const loud = item.status === "unknown" || item.status === "failed";
  return (
    <div class={loud ? "ev boxed danger" : "ev"}>
      <span class={tone}>
        <Icon name={icon} />
      </span>
      <span class="grow">
        <b class="m5">{item.title}</b> {decisionWords(item)}
        {item.reason && `: ${item.reason}`}
      </span>
      <time dateTime={item.at}>{formatMoment(item.at)}</time>
      <a class="lnk" href={holdAddress(item.hold, item.conversation)}>
        Open
      </a>
    </div>
  );
}
