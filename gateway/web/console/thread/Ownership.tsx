/** Somebody else may speak from here on; a brief for the assistant stands with its return. */
import type { JSX } from "preact";
import { formatMoment } from "../../shared/format";
import { useDesk } from "../app/useDesk";
import { Icon } from "../parts/Icon";
import type { OwnerItem } from "./items";
import { useConversation } from "./useConversation";
import { ownerWords } from "./words";

export function Ownership({ item, conversation }: { item: OwnerItem; conversation: string }): JSX.Element {
  const { store } = useDesk();
  const { assistant } = useConversation(conversation);
  const mine = item.to === `staff:${store.lists.value.me?.id}`;
  return (
    <div class="ev boxed">
      <Icon name={item.to === "assistant" ? "returned" : "takeover"} />
      <span class="grow">
        <b class="b">{ownerWords(item, assistant, mine)}</b>
        {item.brief && `: ${item.brief}`}
      </span>
      <time dateTime={item.at}>{formatMoment(item.at)}</time>
    </div>
  );
}
