/** Somebody writes. */
import type { JSX } from "preact";
import { useDesk } from "../app/useDesk";
import { capital } from "../parts/sentence";
import { useConversation } from "./useConversation";

export function Typist({ conversation }: { conversation: string }): JSX.Element | null {
  const { store } = useDesk();
  const { first } = useConversation(conversation);
  const by = store.typists.value.get(conversation);
  if (!by) return null;
  const who = by.role === "customer" ? capital(first) : (by.name ?? "A colleague");
  return (
    <div class="ev">
      <span class="typing" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span>{who} is writing</span>
    </div>
  );
}
