/** A line across the thread: it began, closed or opened again. */
import type { JSX } from "preact";
import { formatMoment } from "../../shared/format";
import type { RuleItem } from "./item";
import { resolutionWords } from "./words";

const WORDS = { started: "Began", closed: "Closed", reopened: "Opened again" };

export function Rule({ item }: { item: RuleItem }): JSX.Element {
  return (
    <div class="ev">
      <span class="rule" />
      <span>
        {WORDS[item.what]} {formatMoment(item.at)}
        {item.detail && `, ${resolutionWords(item.detail)}`}
      </span>
      <span class="rule" />
    </div>
  );
}
