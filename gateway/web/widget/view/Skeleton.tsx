/** The log before anything is known; drawn only when that takes a moment. */
import type { JSX } from "preact";

export function Skeleton(): JSX.Element {
  return (
    <div class="log waiting" aria-hidden="true">
      <Theirs width_px={252} height_px={62} />
      <div class="m me">
        <span class="sk" style={{ inlineSize: "176px", blockSize: "40px" }} />
      </div>
      <Theirs width_px={276} height_px={84} />
    </div>
  );
}

function Theirs({ width_px, height_px }: { width_px: number; height_px: number }): JSX.Element {
  return (
    <div class="m">
      <span class="sk" style={{ inlineSize: "28px", blockSize: "28px" }} />
      <div class="col">
        <span class="sk thin" style={{ inlineSize: "72px" }} />
        <span class="sk" style={{ inlineSize: `${width_px}px`, blockSize: `${height_px}px` }} />
      </div>
    </div>
  );
}
