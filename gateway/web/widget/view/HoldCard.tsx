/** A held action with its true status, and the way to withdraw it. */
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { formatMoment, formatMoney } from "../../shared/format";
import type { Item } from "../items";
import { holdWords, type HoldWords } from "../holdWords";
import { words } from "../words";
import { Answer } from "./Answer";
import { Confirm } from "./Confirm";
import { Icon, type IconName } from "./Icon";

interface Props {
  item: Extract<Item, { kind: "hold" }>;
  onWithdraw: (hold: string) => Promise<void>;
  onAnswer: (hold: string, text: string) => Promise<void>;
}

const FACT_ICONS = {
  hold: "info",
  go: "clock",
  ok: "check",
  bad: "alert",
  plain: "info",
} as const satisfies Record<HoldWords["tone"], IconName>;
const FACT_LOOKS = { hold: "", go: "plain", ok: "ok", bad: "bad", plain: "plain" } as const;

export function HoldCard({ item, onWithdraw, onAnswer }: Props): JSX.Element {
  const { hold, history } = item;
  const said = holdWords(hold, history);
  const [asking, setAsking] = useState(false);
  const confirming = asking && said.canWithdraw;
  const asked = hold.status === "needs_info" && hold.question?.to === "customer";
  const button = useReturnedFocus(confirming);
  const title = `hold-${hold.hold}`;
  const card = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (asked) card.current?.scrollIntoView({ block: "nearest" });
  }, [asked]);
  const answer = async (text: string): Promise<void> => {
    await onAnswer(hold.hold, text);
    card.current?.focus();
  };
  return (
    <article ref={card} class="card" tabIndex={-1} aria-labelledby={title}>
      <div class="top">
        <h3 id={title}>
          {said.title}
          {hold.money && !said.title.includes(formatMoney(hold.money)) && (
            <Sum text={formatMoney(hold.money)} />
          )}
        </h3>
        <span class={`tag ${said.tone}`}>{said.tag}</span>
      </div>
      {said.awaits && <Steps awaits={said.awaits} requestedAt={history.requestedAt} />}
      <p class={`fact ${FACT_LOOKS[said.tone]}`} role="status">
        <Icon name={FACT_ICONS[said.tone]} look="s" />
        <span>{said.fact}</span>
      </p>
      {asked && !confirming && <Answer onAnswer={answer} />}
      {confirming ? (
        <Confirm
          question={WITHDRAW.question}
          more={WITHDRAW.more}
          act={WITHDRAW.act}
          keep={WITHDRAW.keep}
          onAct={() => onWithdraw(hold.hold)}
          onKeep={() => setAsking(false)}
        />
      ) : (
        said.canWithdraw && (
          <button ref={button} type="button" class="btn" onClick={() => setAsking(true)}>
            {WITHDRAW.request}
          </button>
        )
      )}
    </article>
  );
}

const WITHDRAW = words.withdraw;

/** The control that opened a confirmation has the focus again when it is answered. */
function useReturnedFocus(confirming: boolean): { current: HTMLButtonElement | null } {
  const button = useRef<HTMLButtonElement>(null);
  const was = useRef(false);
  useLayoutEffect(() => {
    if (was.current && !confirming) button.current?.focus();
    was.current = confirming;
  }, [confirming]);
  return button;
}

function Sum({ text }: { text: string }): JSX.Element {
  return (
    <bdi dir="ltr" class="sum num">
      {text}
    </bdi>
  );
}

function Steps({
  awaits,
  requestedAt,
}: {
  awaits: { step: string; detail: string };
  requestedAt: string | null;
}): JSX.Element {
  return (
    <ol class="steps">
      <li class="done">
        <span class="dot">
          <Icon name="check" />
        </span>
        <div>
          <b>{words.requested}</b>
          {requestedAt && <span class="d num">{formatMoment(requestedAt)}</span>}
        </div>
      </li>
      <li class="now" aria-current="step">
        <span class="dot" />
        <div>
          <b>{awaits.step}</b>
          <span class="d num">{awaits.detail}</span>
        </div>
      </li>
      <li class="next">
        <span class="dot" />
        <div>
          <b>{words.carriedOut}</b>
        </div>
      </li>
    </ol>
  );
}
