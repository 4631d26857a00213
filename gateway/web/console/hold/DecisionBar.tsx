/** The bar under the card: approve in two steps, reject with a reason, or who else can. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useKeys } from "../app/keys";
import { useDesk } from "../app/useDesk";
import { useOwnership } from "../composer/useOwnership";
import { Icon } from "../parts/Icon";
import type { Hold } from "../store/summaries";
import { decides } from "./deciders";
import { Onlookers } from "./Onlookers";
import { RejectForm } from "./RejectForm";
import { useArming } from "./useArming";
import { stake } from "./words";

export function DecisionBar({ hold }: { hold: Hold }): JSX.Element | null {
  const desk = useDesk();
  const [rejecting, setRejecting] = useState(false);
  const me = desk.store.lists.value.me;
  const mayDecide = decides(me?.role) && hold.kind === "call" && hold.status === "held";
  const offline = desk.lostAt.value !== null;
  const busy = desk.actions.busy(hold.hold, "decide");
  const approve = (): void => void desk.decide(hold, "approve");
  const arming = useArming(approve);
  const ready = mayDecide && !offline && !busy;
  useKeys({
    ...(ready && { a: arming.arm, r: () => setRejecting(true) }),
    ...(arming.armed && { enter: arming.run, escape: arming.disarm }),
  });

  if (rejecting && mayDecide) return <RejectForm hold={hold} close={() => setRejecting(false)} />;
  return (
    <footer class="acts">
      {mayDecide && !arming.armed && (
        <>
          <button class="btn primary big" type="button" disabled={!ready} onClick={arming.arm}>
            {busy ? "Sending" : `Approve ${stake(hold)}`} <kbd>A</kbd>
          </button>
          <button
            class="btn big danger"
            type="button"
            disabled={!ready}
            onClick={() => setRejecting(true)}
          >
            <Icon name="cross" />
            Reject <kbd>R</kbd>
          </button>
        </>
      )}
      {mayDecide && arming.armed && (
        <>
          <button
            class="btn primary big armed"
            type="button"
            ref={arming.button}
            onClick={arming.click}
          >
            <span class="wide-only">Press Enter to approve {stake(hold)}</span>
            <span class="phone-only">Tap again to approve {stake(hold)}</span>
            <kbd>↵</kbd>
          </button>
          <button class="btn big" type="button" onClick={arming.disarm}>
            Cancel <kbd>Esc</kbd>
          </button>
        </>
      )}
      {!mayDecide && <Onlookers hold={hold} />}
      <span class="grow space" />
      {arming.armed ? (
        <span class="xs muted hint" role="status">
          Nothing has run yet
        </span>
      ) : offline && mayDecide ? (
        <span class="xs c-danger hint">No connection: decisions wait until it is back</span>
      ) : null}
      {!arming.armed && <Claim conversation={hold.conversation} />}
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
