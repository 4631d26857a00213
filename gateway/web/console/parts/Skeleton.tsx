/** What loading looks like, shown only when it takes longer than anybody notices. */
import type { JSX } from "preact";
import { useLate } from "./useLate";

const ROWS: readonly (readonly [number, number])[] = [
  [70, 92],
  [52, 80],
  [64, 88],
  [58, 70],
  [72, 84],
];

export function Skeleton({ of }: { of: "rows" | "talk" }): JSX.Element | null {
  if (!useLate(true)) return null;
  return (
    <div class="shim" aria-busy="true">
      <span class="sr" role="status">
        Loading
      </span>
      {of === "rows" ? (
        ROWS.map(([name, last]) => <Row key={name} name={name} last={last} />)
      ) : (
        <Talk />
      )}
    </div>
  );
}

function Row({ name, last }: { name: number; last: number }): JSX.Element {
  return (
    <div class="conv">
      <span class="sk round" />
      <span class="sk" style={{ width: `${name}%` }} />
      <span />
      <span class="last">
        <span class="sk" style={{ width: `${last}%` }} />
      </span>
    </div>
  );
}

function Talk(): JSX.Element {
  return (
    <div class="talk">
      <span class="sk" style={{ width: "62%", height: "48px" }} />
      <span class="sk" style={{ width: "70%", height: "64px", justifySelf: "end" }} />
      <span class="sk" style={{ width: "50%", height: "40px" }} />
    </div>
  );
}
