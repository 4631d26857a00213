/** A note among colleagues; the customer never sees it. */
import type { JSX } from "preact";
import { formatMoment } from "../../shared/format";
import { Linked } from "../../shared/RichText";
import { Icon } from "../parts/Icon";
import type { NoteItem } from "./item";

export function Note({ item, me }: { item: NoteItem; me: string | null }): JSX.Element {
  const mine = item.by.id !== undefined && item.by.id === me;
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
