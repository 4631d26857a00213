/** What was looked up to judge the action: each result as keys and values. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { formatMoment } from "../../shared/format";
import { Icon } from "../parts/Icon";
import { OddText } from "../parts/OddText";
import { capital } from "../parts/sentence";
import type { Hold } from "../store/summaries";
import { facts, label } from "./flatten";

const SHOWN = 14;

export function Evidence({ hold }: { hold: Hold }): JSX.Element | null {
  const results = Object.entries(hold.evidence ?? {});
  if (results.length === 0) return null;
  return (
    <section class="blk">
      <header>
        <h2>Evidence</h2>
        <span class="xs muted row tight">
          <span class="c-person">
            <Icon name="check" />
          </span>
          looked up when it was held, {formatMoment(hold.created_at)}
          {hold.status === "held" && "; looked up again before it runs"}
        </span>
      </header>
      {results.map(([name, value]) => (
        <Result key={name} name={name} value={value} />
      ))}
    </section>
  );
}

function Result({ name, value }: { name: string; value: unknown }): JSX.Element {
  const [all, setAll] = useState(false);
  const rows = facts(value);
  const shown = all ? rows : rows.slice(0, SHOWN);
  return (
    <>
      <table class="t">
        <thead>
          <tr>
            <th scope="colgroup" colSpan={2} class="name">
              {capital(name.replaceAll("_", " "))}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ key, text }) => (
            <tr key={key}>
              <th scope="row">{label(key)}</th>
              <td class="exact">
                <OddText text={text} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown.length && (
        <button class="lnk xs" type="button" onClick={() => setAll(true)}>
          Show {rows.length - shown.length} more
        </button>
      )}
    </>
  );
}
