/** The customer's own messages, with how far they have come. */
import type { JSX } from "preact";
import { RichText } from "../../shared/RichText";
import type { Delivery, Item } from "../items";
import { words } from "../words";
import { Icon, type IconName } from "./Icon";

interface Props {
  item: Extract<Item, { kind: "mine" }>;
  /** The last of the customer's groups tells its delivery; earlier ones only when it matters. */
  last: boolean;
  online: boolean;
  onRetry: () => void;
  onDelete: () => void;
}

export function MyMessages({ item, last, online, onRetry, onDelete }: Props): JSX.Element {
  const { delivery, bubbles } = item;
  const quiet = delivery === "sent" || delivery === "seen";
  return (
    <div class={`m me ${delivery === "failed" ? "fail" : quiet ? "" : "wait"}`}>
      {bubbles.map(({ key, text }) => (
        <div key={key} class="b">
          <RichText text={text} />
        </div>
      ))}
      {delivery === "failed" ? (
        <Failed reason={item.failure} onRetry={onRetry} onDelete={onDelete} />
      ) : (
        (last || !quiet) && <Progress delivery={delivery} online={online} />
      )}
    </div>
  );
}

function Progress({ delivery, online }: { delivery: Delivery; online: boolean }): JSX.Element {
  const [icon, text] = progress(delivery, online);
  return (
    <div class="st">
      <Icon name={icon} look="s" />
      {text}
    </div>
  );
}

function progress(delivery: Delivery, online: boolean): [IconName, string] {
  if (delivery === "seen") return ["checks", words.seen];
  if (delivery === "sent") return ["check", words.sent];
  if (delivery === "delayed") return ["clock", words.delayed];
  return ["clock", online ? words.sending : words.queued];
}

function Failed({
  reason,
  onRetry,
  onDelete,
}: {
  reason: string | null;
  onRetry: () => void;
  onDelete: () => void;
}): JSX.Element {
  return (
    <>
      <div class="st bad">
        <Icon name="alert" look="s" />
        {words.failed}
        <button type="button" class="tx bad" onClick={onRetry}>
          {words.tryAgain}
        </button>
        <button type="button" class="tx" onClick={onDelete}>
          {words.delete}
        </button>
      </div>
      {reason && <p class="st bad why">{reason}</p>}
    </>
  );
}
