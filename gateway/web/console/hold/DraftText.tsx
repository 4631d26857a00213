/** A drafted reply, as the customer would read it. */
import type { JSX } from "preact";
import type { Hold } from "../store/summaries";

export function DraftText({ hold }: { hold: Hold }): JSX.Element {
  return (
    <section class="blk">
      <header>
        <h2>What would be said</h2>
        <span class="xs muted">exactly this, nothing has been sent</span>
      </header>
      <p class="draft-text" dir="auto">
        {hold.text}
      </p>
    </section>
  );
}
