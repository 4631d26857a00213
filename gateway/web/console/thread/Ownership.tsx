/** Somebody else may speak from here on; a brief for the assistant stands with its return. */
import type { JSX } from "preact";
import { formatMoment } from "../../shared/format";
import { Icon } from "../parts/Icon";
import type { OwnerItem } from "./item";
import type { Names } from "./names";
import { ownerWords } from "./words";

export function Ownership({ item, names }: { item: OwnerItem; names: Names }): JSX.Element {
  const mine = item.to === `staff:${names.me}`;
  return (
    <div class="ev boxed">
      <Icon name={item.to === "assistant" ? "returned" : "takeover"} />
      <span class="grow">
        <b class="b">{ownerWords(item, names.assistant, mine)}</b>
        {item.brief && `: ${item.brief}`}
      </span>
      <time dateTime={item.at}>{formatMoment(item.at)}</time>
    </div>
  );
}
