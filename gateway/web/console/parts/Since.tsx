/** How long something lasts already, ticking; minutes only once seconds no longer matter. */
import type { JSX } from "preact";
import { formatSpan } from "../../shared/format";
import { now_ms } from "./clock";

export function Since({ at }: { at: string }): JSX.Element {
  return <time dateTime={at}>{spanWords((now_ms() - Date.parse(at)) / 1000)}</time>;
}

/** "0:48" below ten minutes, then "12 min", "3 h", "2 d". */
export function spanWords(span_s: number): string {
  if (span_s < 600) return formatSpan(span_s);
  if (span_s < 90 * 60) return `${Math.floor(span_s / 60)} min`;
  if (span_s < 36 * 3600) return `${Math.round(span_s / 3600)} h`;
  return `${Math.round(span_s / 86_400)} d`;
}
