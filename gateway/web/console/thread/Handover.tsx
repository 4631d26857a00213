/** The assistant gave the conversation to people, and why. */
import type { JSX } from "preact";
import { formatMoment } from "../../shared/format";
import { Icon } from "../parts/Icon";
import type { HandoverItem } from "./item";

export function Handover({ item }: { item: HandoverItem }): JSX.Element {
  return (
    <div class="ev boxed" id={item.key}>
      <Icon name="takeover" />
      <span class="grow">
        <b class="b">Handed over to people</b>: {item.reasons.join("; ")}
      </span>
      <time dateTime={item.at}>{formatMoment(item.at)}</time>
    </div>
  );
}
