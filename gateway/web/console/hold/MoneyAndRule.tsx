/** The sum, large, and the rule that holds it, in words. */
import type { JSX } from "preact";
import { formatMoney } from "../../shared/format";
import { isAlways, strength } from "../context/reasons";
import { Icon } from "../parts/Icon";
import { capital } from "../parts/sentence";
import type { Hold } from "../store/summaries";

export function MoneyAndRule({ hold }: { hold: Hold }): JSX.Element {
  const { needed, given } = hold.approvers;
  return (
    <section class="blk duo">
      <div>
        <h3>Money</h3>
        <div class="money">{hold.money ? formatMoney(hold.money) : "None"}</div>
        {!hold.money && <p class="s muted">This action moves no money.</p>}
      </div>
      <div>
        <h3>Why it is held</h3>
        <ul class="held-for">
          <li class="row top">
            <span class="c-hold">
              <Icon name="hold" />
            </span>
            <span>
              <b class="b">{capital(hold.rule ?? "a rule holds it")}</b>
              <br />
              <span class="muted xs">
                {needed === 1 ? "one approval needed" : `${given} of ${needed} approvals`}
                {hold.risk && `, ${hold.risk} risk`}
              </span>
            </span>
          </li>
          {hold.reasons.map((reason) => (
            <li key={reason.signal} class="row top">
              <span class="c-danger">
                <Icon name="warning" />
              </span>
              <span>
                <b class="b">{reason.text}</b>
                <br />
                <span class="muted xs">{isAlways(reason) ? "always" : strength(reason).toFixed(2)}</span>
              </span>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}
