/** What was asked about a held action, and the answer once it is there. */
import type { JSX } from "preact";
import { customerName, firstName, type Hold } from "../store/summaries";

export function Asked({ hold }: { hold: Hold }): JSX.Element | null {
  const { question, answer, status } = hold;
  if (question === null) return null;
  const whom = question.to === "customer" ? firstName(customerName(hold)) : "A colleague";
  return (
    <section class="blk">
      <header>
        <h2>Asked first</h2>
      </header>
      <dl class="said">
        <dt>Question</dt>
        <dd dir="auto">{question.text}</dd>
        <dt>{whom}</dt>
        <dd dir="auto">
          {status === "needs_info" || answer === null ? (
            <span class="muted">has not answered yet</span>
          ) : (
            answer
          )}
        </dd>
      </dl>
    </section>
  );
}
