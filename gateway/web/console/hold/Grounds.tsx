/** Why something is held, a line each: what holds it, and what else speaks against it. */
import type { JSX } from "preact";
import { Icon, type IconName } from "../parts/Icon";
import { capital } from "../parts/sentence";
import type { Hold } from "../store/summaries";
import { type Ground, grounds } from "./grounding";

export function Grounds({ hold }: { hold: Hold }): JSX.Element {
  const { because, besides } = grounds(hold);
  return (
    <ul class="held-for">
      {because.map((ground) => (
        <Line key={ground.text} ground={ground} icon="hold" tone="c-hold" />
      ))}
      {besides.map((ground) => (
        <Line key={ground.text} ground={ground} icon="warning" tone="c-danger" />
      ))}
    </ul>
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

/** The rule's own condition, for who reads it. */
function Condition({ text }: { text: string }): JSX.Element {
  return <div class="mono xs muted exact">{text}</div>;
}
