/** A drafted reply, as the customer would read it. */
import type { JSX } from "preact";
import type { Hold } from "../store/summaries";
import { Grounds } from "./Grounds";

export function DraftText({ hold }: { hold: Hold }): JSX.Element {
  const sent = hold.status === "succeeded";
  return (
    <section class="blk">
      <header>
        <h2>{sent ? "What was said" : "What would be said"}</h2>
        <span class="xs muted">exactly this{!sent && ", nothing has been sent"}</span>
      </header>
      <p class="draft-text" dir="auto">
        {hold.text}
      </p>
      <Grounds hold={hold} />
    </section>
  );
}
