/** The assistant's reply as it is being written, with a caret. */
import type { JSX } from "preact";
import { useDesk } from "../app/useDesk";
import { Icon } from "../parts/Icon";
import { useConversation } from "./useConversation";

export function LiveReply({ conversation }: { conversation: string }): JSX.Element | null {
  const { store } = useDesk();
  const { assistant } = useConversation(conversation);
  const reply = store.threadOf(conversation).reply.shown;
  if (reply === null) return null;
  return (
    <article class="msg ours assistant" aria-busy="true">
      <div class="who">
        <Icon name="assistant" />
        <b>{assistant}</b>Assistant
      </div>
      <div class="body" dir="auto">
        {reply.text}
        <span class="caret" aria-hidden="true" />
      </div>
    </article>
  );
}
