/** The bar under the card: what the person may do with the hold, or who else can. */
import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useKeys } from "../app/keys";
import { useDesk } from "../app/useDesk";
import { useOwnership } from "../composer/useOwnership";
import { Icon } from "../parts/Icon";
import type { Hold } from "../store/summaries";
import { AnswerForm } from "./AnswerForm";
import { AskForm } from "./AskForm";
import { cannotApprove, decides } from "./deciders";
import { DraftForm } from "./DraftForm";
import { EditForm } from "./EditForm";
import { awaitsDecision } from "./history";
import { Onlookers } from "./Onlookers";
import { RejectForm } from "./RejectForm";
import { SettleForm } from "./SettleForm";
import { useArming } from "./useArming";
import { approval } from "./words";

type Form = "edit" | "reject" | "ask" | "answer" | "settle";

export function DecisionBar({ hold }: { hold: Hold }): JSX.Element {
  const [form, setForm] = useState<Form | null>(null);
  const [closed, setClosed] = useState<Form | null>(null);
  if (form === null) return <Choices hold={hold} open={setForm} closed={closed} />;
  const close = (): void => {
    setClosed(form);
    setForm(null);
  };
  switch (form) {
    case "edit":
      return hold.kind === "draft" ? (
        <DraftForm hold={hold} close={close} />
      ) : (
        <EditForm hold={hold} close={close} />
      );
    case "reject":
      return <RejectForm hold={hold} close={close} />;
    case "ask":
      return <AskForm hold={hold} close={close} />;
    case "answer":
      return <AnswerForm hold={hold} close={close} />;
    case "settle":
      return <SettleForm hold={hold} close={close} />;
  }
}

interface ChoicesProps {
  hold: Hold;
  open: (form: Form) => void;
  /** The form that was put away; what opened it has the focus again. */
  closed: Form | null;
}

function Choices({ hold, open, closed }: ChoicesProps): JSX.Element {
  const desk = useDesk();
  const bar = useRef<HTMLElement>(null);
  useLayoutEffect(
    () => bar.current?.querySelector<HTMLElement>(`[data-opens="${closed}"]`)?.focus(),
    [closed],
  );
  const me = desk.store.lists.value.me;
  const offline = desk.lostAt.value !== null;
  const busy = desk.actions.busy(hold.hold, "decide", "answer", "settle");
  const ready = !offline && !busy;
  const mine = decides(me?.role, hold.kind);
  const deciding = mine && awaitsDecision(hold.status);
  const settling = mine && hold.status === "unknown";
  const answering = hold.status === "needs_info" && hold.question?.to === "agent";
  const barred = me && deciding ? cannotApprove(hold, me) : null;
  const arming = useArming(() => void desk.decide(hold, { decision: "approve" }));
  useKeys({
    ...(ready && deciding && !barred && { a: arming.arm }),
    ...(ready && deciding && { e: () => open("edit"), r: () => open("reject") }),
    ...(ready && deciding && hold.kind === "call" && { q: () => open("ask") }),
    ...(arming.armed && { enter: arming.run, escape: arming.disarm }),
  });
  if (arming.armed) return <Armed hold={hold} arming={arming} />;
  return (
    <footer ref={bar} class="acts">
      {deciding && !barred && (
        <button class="btn primary big" type="button" disabled={!ready} onClick={arming.arm}>
          {busy ? "Sending" : approval(hold)} <kbd>A</kbd>
        </button>
      )}
      {deciding && (
        <>
          <Choice name="Edit" sign="E" ready={ready} opens="edit" open={open} />
          <button
            class="btn big danger"
            type="button"
            data-opens="reject"
            disabled={!ready}
            onClick={() => open("reject")}
          >
            <Icon name="cross" />
            Reject <kbd>R</kbd>
          </button>
          {hold.kind === "call" && (
            <Choice name="Ask" sign="Q" ready={ready} opens="ask" open={open} />
          )}
        </>
      )}
      {settling && (
        <button
          class="btn primary big"
          type="button"
          data-opens="settle"
          disabled={!ready}
          onClick={() => open("settle")}
        >
          Settle
        </button>
      )}
      {answering && (
        <button
          class={deciding ? "btn big" : "btn primary big"}
          type="button"
          data-opens="answer"
          disabled={!ready}
          onClick={() => open("answer")}
        >
          Answer
        </button>
      )}
      {barred && <span class="s muted">{barred}</span>}
      {!deciding && !settling && !answering && <Onlookers hold={hold} />}
      <span class="grow space" />
      {offline && (deciding || settling) && (
        <span class="xs c-danger hint">No connection: decisions wait until it is back</span>
      )}
      <Claim conversation={hold.conversation} />
    </footer>
  );
}

interface ChoiceProps {
  name: string;
  sign: string;
  ready: boolean;
  opens: Form;
  open: (form: Form) => void;
}

function Choice({ name, sign, ready, opens, open }: ChoiceProps): JSX.Element {
  return (
    <button
      class="btn big"
      type="button"
      data-opens={opens}
      disabled={!ready}
      onClick={() => open(opens)}
    >
      {name} <kbd>{sign}</kbd>
    </button>
  );
}

function Armed({
  hold,
  arming,
}: {
  hold: Hold;
  arming: ReturnType<typeof useArming>;
}): JSX.Element {
  const what = approval(hold);
  const then = what.charAt(0).toLowerCase() + what.slice(1);
  return (
    <footer class="acts">
      <button
        class="btn primary big armed"
        type="button"
        ref={arming.button}
        onClick={arming.click}
      >
        <span class="wide-only">Press Enter to {then}</span>
        <span class="phone-only">Tap again to {then}</span>
        <kbd>↵</kbd>
      </button>
      <button class="btn big" type="button" onClick={arming.disarm}>
        Cancel <kbd>Esc</kbd>
      </button>
      <span class="grow space" />
      <span class="xs muted hint" role="status">
        {hold.kind === "draft" ? "Nothing has been sent yet" : "Nothing has run yet"}
      </span>
    </footer>
  );
}

function Claim({ conversation }: { conversation: string }): JSX.Element | null {
  const { claimable, busy, claim } = useOwnership(conversation);
  useKeys(claimable && !busy ? { t: () => void claim() } : {});
  if (claimable === null) return null;
  return (
    <button class="btn big ghost" type="button" disabled={busy} onClick={() => void claim()}>
      <Icon name="takeover" />
      {claimable === "accept" ? "Accept" : "Take over"} <kbd>T</kbd>
    </button>
  );
}
