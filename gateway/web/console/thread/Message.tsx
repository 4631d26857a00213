/** Something the customer reads or wrote: theirs left, ours right, with who said it. */
import type { JSX } from "preact";
import { formatMoment } from "../../shared/format";
import { Linked } from "../../shared/RichText";
import { useDesk } from "../app/useDesk";
import { Icon } from "../parts/Icon";
import { capital } from "../parts/sentence";
import type { MessageItem } from "./items";
import { useConversation } from "./useConversation";

const SIDES = {
  customer: "msg cust",
  assistant: "msg ours assistant",
  staff: "msg ours person",
  system: "msg ours system",
};

interface Props {
  item: MessageItem;
  conversation: string;
}

export function Message({ item, conversation }: Props): JSX.Element {
  return (
    <article class={SIDES[item.by.role]} id={item.key}>
      <div class="who">
        <Speaker item={item} conversation={conversation} />
        {item.cut && <span>cut off by {item.cut}</span>}
        <time dateTime={item.at}>{formatMoment(item.at)}</time>
      </div>
      <div class="body" dir="auto">
        {item.cut ? (
          <span class="partial">
            <Linked text={item.text} />
          </span>
        ) : (
          <Linked text={item.text} />
        )}
      </div>
      <Read item={item} conversation={conversation} />
    </article>
  );
}

/** Under our last message: whether the customer has it before them. */
function Read({ item, conversation }: Props): JSX.Element | null {
  const { store } = useDesk();
  if (item.by.role !== "staff") return null;
  const upto = store.read.value.get(conversation) ?? 0;
  const { events } = store.threadOf(conversation).journal;
  const last = events.findLast((event) => event.type === "staff_said" && event.seq <= upto);
  return last?.seq === item.seq ? <div class="under xs muted">Seen</div> : null;
}

function Speaker({ item: { by }, conversation }: Props): JSX.Element {
  const { store } = useDesk();
  const { first, assistant } = useConversation(conversation);
  if (by.role === "customer") return <b>{capital(first)}</b>;
  if (by.role === "assistant") {
    return (
      <>
        <Icon name="assistant" />
        <b>{by.name ?? assistant}</b>Assistant
      </>
    );
  }
  if (by.role === "system") return <>Sent automatically</>;
  const me = store.lists.value.me;
  return (
    <>
      <Icon name="person" />
      <b>{by.id !== undefined && by.id === me?.id ? "You" : (by.name ?? "A colleague")}</b>
    </>
  );
}
