/** A turn of the assistant that came to nothing. */
import type { JSX } from "preact";
import { formatMoment } from "../../shared/format";
import { Icon } from "../parts/Icon";
import { capital } from "../parts/sentence";
import type { TroubleItem } from "./item";

export function Trouble({
  item,
  assistant,
}: {
  item: TroubleItem;
  assistant: string;
}): JSX.Element {
  return (
    <div class="ev">
      <span class="c-danger">
        <Icon name="warning" />
      </span>
      <span class="grow">
        {item.outcome === "silent"
          ? `${capital(assistant)} answered without a word`
          : `${capital(assistant)} could not answer`}
      </span>
      <time dateTime={item.at}>{formatMoment(item.at)}</time>
    </div>
  );
}
