/** The conversation itself: everything its log shows, the reply being written, what waits to be sent. */
import type { JSX } from "preact";
import { useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { useDesk } from "../app/useDesk";
import { firstName } from "../store/summaries";
import { ItemView } from "./ItemView";
import { items, lastRead } from "./items";
import { LiveReply } from "./LiveReply";
import { wholeName } from "./names";
import { NewSince } from "./NewSince";
import { Typist } from "./Typist";
import { Unsent } from "./Unsent";
import { useBottom } from "./useBottom";
import { useSeen } from "./useSeen";

export function Log({ conversation }: { conversation: string }): JSX.Element {
  const { store, outbox } = useDesk();
  // computed, so that a frame of the reply being written does not draw the whole log again
  const events = useComputed(() => store.threadOf(conversation).journal.events).value;
  const left = useComputed(() => store.threadOf(conversation).left).value;
  const shown = useMemo(() => items(events), [events]);
  const { conversations, assistant, me } = store.lists.value;
  const first = firstName(wholeName(events, conversations.get(conversation) ?? null));
  const names = { first, assistant, me: me?.id ?? null };
  const sent = useComputed(() => {
    const mine = outbox.letters.value.filter(({ payload }) => payload.conversation === conversation);
    return mine.findLast(({ state }) => state !== "failed")?.id ?? null;
  }).value;
  const { box, content, scrolled } = useBottom(sent);
  useSeen(conversation, events);
  const firstNew = left === null ? undefined : shown.find((item) => item.seq > left)?.key;
  const read = lastRead(shown, store.read.value.get(conversation) ?? 0);
  return (
    <div class="scroll" ref={box} onScroll={scrolled} tabIndex={0} role="log" aria-label="Messages">
      <div class="thread" ref={content}>
        {shown.map((item) => (
          <NewSince key={item.key} here={item.key === firstNew}>
            <ItemView item={item} names={names} read={item.key === read} />
          </NewSince>
        ))}
        <LiveReply conversation={conversation} />
        <Unsent conversation={conversation} />
        <Typist conversation={conversation} />
      </div>
    </div>
  );
}
