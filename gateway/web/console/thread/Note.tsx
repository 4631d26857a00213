/** A note among colleagues; the customer never sees it. */
import type { JSX } from "preact";
import { formatMoment } from "../../shared/format";
import { Linked } from "../../shared/RichText";
import { useDesk } from "../app/useDesk";
import { Icon } from "../parts/Icon";
import type { NoteItem } from "./items";

export function Note({ item }: { item: NoteItem }): JSX.Element {
  const me = useDesk().store.lists.value.me;
  const mine = item.by.id !== undefined && item.by.id === me?.id;
  return (
    <article class="msg note">
      <div class="who">
        <Icon name="lock" />
        <b>{mine ? "You" : (item.by.name ?? "A colleague")}</b>
        Internal note
        <time dateTime={item.at}>{formatMoment(item.at)}</time>
      </div>
      <div class="body" dir="auto">
        <Linked text={item.text} />
      </div>
    </article>
  );
}
