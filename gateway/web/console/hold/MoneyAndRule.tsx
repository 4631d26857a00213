/** The sum, large, and why it is held: the rule in words, and whatever else speaks against it. */
import type { JSX } from "preact";
import { formatMoney } from "../../shared/format";
import type { Reason } from "../../shared/wire";
import { Icon } from "../parts/Icon";
import { capital } from "../parts/sentence";
import type { Hold } from "../store/summaries";

export function MoneyAndRule({ hold }: { hold: Hold }): JSX.Element {
  const { needed, given } = hold.approvers;
  const rule = hold.rule ?? "a rule holds it";
  const condition = hold.reasons.find(({ text }) => text === rule)?.evidence;
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
              <b class="b">{capital(rule)}</b>
              {typeof condition === "string" && <Condition text={condition} />}
              <div class="muted xs">
                {needed === 1 ? "one approval needed" : `${given} of ${needed} approvals`}
                {hold.risk && `, ${hold.risk} risk`}
              </div>
            </span>
          </li>
          {hold.reasons
            .filter(({ text }) => text !== rule)
            .map((reason) => (
              <Also key={reason.text} reason={reason} />
            ))}
        </ul>
      </div>
    </section>
  );
}

function Also({ reason }: { reason: Reason }): JSX.Element {
  return (
    <li class="row top">
      <span class="c-danger">
        <Icon name="warning" />
      </span>
      <span>
        <b class="b">{capital(reason.text)}</b>
        {typeof reason.evidence === "string" && <Condition text={reason.evidence} />}
      </span>
    </li>
  );
}

/** The rule's own condition, for who reads it. */
function Condition({ text }: { text: string }): JSX.Element {
  return <div class="mono xs muted exact">{text}</div>;
}
