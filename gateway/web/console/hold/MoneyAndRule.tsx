/** The sum, large, and why it is held: the rule in words, and whatever else speaks against it. */
import type { JSX } from "preact";
import { formatMoney } from "../../shared/format";
import type { Hold } from "../store/summaries";
import { Grounds } from "./Grounds";

export function MoneyAndRule({ hold }: { hold: Hold }): JSX.Element {
  return (
    <section class="blk duo">
      <div>
        <h3>Money</h3>
        <div class="money">{hold.money ? formatMoney(hold.money) : "None"}</div>
        {!hold.money && <p class="s muted">This action moves no money.</p>}
      </div>
      <div>
        <h3>{hold.kind === "settle" ? "Why it is here" : "Why it is held"}</h3>
        <Grounds hold={hold} />
        {hold.kind !== "settle" && <Needed hold={hold} />}
      </div>
    </section>
  );
}

function Needed({ hold: { approvers, risk } }: { hold: Hold }): JSX.Element {
  const { needed, given } = approvers;
  return (
    <p class="muted xs needed">
      {needed === 1 ? "one approval needed" : `${given} of ${needed} approvals`}
      {risk && `, ${risk} risk`}
    </p>
  );
}
