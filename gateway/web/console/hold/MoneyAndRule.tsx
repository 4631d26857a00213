/** The sum, large, and why it is held: the rule in words, and whatever else speaks against it. */
import type { JSX } from "preact";
import { formatMoney } from "../../shared/format";
import { Icon, type IconName } from "../parts/Icon";
import { capital } from "../parts/sentence";
import type { Hold } from "../store/summaries";
import { type Ground, grounds } from "./grounds";

export function MoneyAndRule({ hold }: { hold: Hold }): JSX.Element {
  const { because, besides } = grounds(hold);
  return (
    <section class="blk duo">
      <div>
        <h3>Money</h3>
        <div class="money">{hold.money ? formatMoney(hold.money) : "None"}</div>
        {!hold.money && <p class="s muted">This action moves no money.</p>}
      </div>
      <div>
        <h3>{hold.kind === "settle" ? "Why it is here" : "Why it is held"}</h3>
        <ul class="held-for">
          {because.map((ground) => (
            <Line key={ground.text} ground={ground} icon="hold" tone="c-hold" />
          ))}
          {besides.map((ground) => (
            <Line key={ground.text} ground={ground} icon="warning" tone="c-danger" />
          ))}
        </ul>
        {hold.kind !== "settle" && <Needed hold={hold} />}
      </div>
    </section>
  );
}

interface LineProps {
  ground: Ground;
  icon: IconName;
  tone: string;
}

function Line({ ground, icon, tone }: LineProps): JSX.Element {
  return (
    <li class="row top">
      <span class={tone}>
        <Icon name={icon} />
      </span>
      <span>
        <b class="b">{capital(ground.text)}</b>
        {ground.condition !== null && <Condition text={ground.condition} />}
      </span>
    </li>
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

/** The rule's own condition, for who reads it. */
function Condition({ text }: { text: string }): JSX.Element {
  return <div class="mono xs muted exact">{text}</div>;
}
