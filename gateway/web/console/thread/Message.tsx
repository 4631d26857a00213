/** Something the customer reads or wrote: theirs left, ours right, with who said it. */
import type { JSX } from "preact";
import { formatMoment } from "../../shared/format";
import { Linked } from "../../shared/RichText";
import type { By } from "../../shared/wire";
import { Icon } from "../parts/Icon";
import { capital } from "../parts/sentence";
import type { MessageItem } from "./item";
import type { Names } from "./names";

const SIDES = {
  customer: "msg cust",
  assistant: "msg ours assistant",
  staff: "msg ours person",
  system: "msg ours system",
};

interface Props {
  item: MessageItem;
  names: Names;
  read: boolean;
}

export function Message({ item, names, read }: Props): JSX.Element {
  return (
    <article class={SIDES[item.by.role]} id={item.key}>
      <div class="who">
        <Speaker by={item.by} names={names} />
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
      {read && <div class="under xs muted">Seen</div>}
    </article>
  );
}

function Speaker({ by, names }: { by: By; names: Names }): JSX.Element {
  if (by.role === "customer") return <b>{capital(names.first)}</b>;
  if (by.role === "assistant") {
    return (
      <>
        <Icon name="assistant" />
        <b>{by.name ?? names.assistant}</b>Assistant
      </>
    );
  }
  if (by.role === "system") return <>Sent automatically</>;
  return (
    <>
      <Icon name="person" />
      <b>{by.id !== undefined && by.id === names.me ? "You" : (by.name ?? "A colleague")}</b>
    </>
  );
}
