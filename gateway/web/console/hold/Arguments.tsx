/** Exactly what will run, argument by argument; letters that pose as others are boxed and named. */
import type { JSX } from "preact";
import type { HoldStatus } from "../../shared/wire";
import { OddText } from "../parts/OddText";
import type { Hold } from "../store/summaries";
import { exact, isRounded } from "./flatten";
import { oddities } from "./lookalike";

const TITLES: Partial<Record<HoldStatus, string>> = {
  held: "What will run",
  needs_info: "What will run",
  approved: "What will run",
  executing: "What was called",
  unknown: "What was called",
  succeeded: "What ran",
};

export function Arguments({ hold }: { hold: Hold }): JSX.Element {
  const rows = Object.entries(asRecord(hold.arguments)).map(([name, value]) => {
    const text = exact(value);
    return { name, text, warnings: warnings(name + text, value) };
  });
  const odd = rows.some((row) => row.warnings !== "");
  return (
    <section class="blk">
      <header>
        <h2>{TITLES[hold.status] ?? "What was asked for"}</h2>
        <span class="xs muted">exactly this, nothing else</span>
      </header>
      <table class="t">
        <thead>
          <tr>
            <th scope="col">Argument</th>
            <th scope="col">Value</th>
            {odd && <th scope="col">Look twice</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, text, warnings }) => (
            <tr key={name}>
              <th scope="row" class="mono">
                <OddText text={name} />
              </th>
              <td class="mono exact">
                <OddText text={text} />
              </td>
              {odd && <td class="c-danger m5">{warnings}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p class="s muted">No arguments.</p>}
    </section>
  );
}

function warnings(text: string, value: unknown): string {
  const found = oddities(text);
  return [
    ...(found.length > 0 ? [`Look-alike: ${found.join(", ")}.`] : []),
    ...(isRounded(value) ? ["A number too long to be shown exactly."] : []),
  ].join(" ");
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : { arguments: value };
}
