/** The conversation itself: everything its log shows, the reply being written, what waits to be sent. */
import type { JSX } from "preact";
import { useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { useDesk } from "../app/useDesk";
import { ItemView } from "./ItemView";
import { items } from "./items";
import { LiveReply } from "./LiveReply";
import { NewSince } from "./NewSince";
import { Typist } from "./Typist";
import { Unsent } from "./Unsent";
import { useBottom } from "./useBottom";
import { useSeen } from "./useSeen";

export function Log({ conversation }: { conversation: string }): JSX.Element {
  const { store } = useDesk();
  const events = useComputed(() => store.threadOf(conversation).journal.events).value;
  const left = useComputed(() => store.threadOf(conversation).left).value;
  const shown = useMemo(() => items(events), [events]);
  const { box, content, scrolled } = useBottom();
  useSeen(conversation, events);
  const firstNew = left === null ? undefined : shown.find((item) => item.seq > left)?.key;
  return (
    <div class="scroll" ref={box} onScroll={scrolled} tabIndex={0} role="log" aria-label="Messages">
      <div class="thread" ref={content}>
        {shown.map((item) => (
          <NewSince key={item.key} here={item.key === firstNew}>
            <ItemView item={item} conversation={conversation} />
          </NewSince>
        ))}
        <LiveReply conversation={conversation} />
        <Unsent conversation={conversation} />
        <Typist conversation={conversation} />
      </div>
    </div>
  );
}
