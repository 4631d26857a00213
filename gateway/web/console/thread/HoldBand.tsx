/** An action was held: what it is, why, and the way to its card. */
import type { JSX } from "preact";
import { formatMoment } from "../../shared/format";
import { holdAddress } from "../app/route";
import { headline } from "../hold/words";
import { Icon } from "../parts/Icon";
import type { HoldItem } from "./item";

export function HoldBand({ item }: { item: HoldItem }): JSX.Element {
  return (
    <div class="ev boxed hold">
      <Icon name="hold" />
      <span class="grow">
        <b class="b">{headline(item)} is held</b>
        {item.rule && `: ${item.rule}`}
      </span>
      <time dateTime={item.at}>{formatMoment(item.at)}</time>
      <a class="lnk" href={holdAddress(item.hold, item.conversation)}>
        Open
      </a>
    </div>
  );
}
