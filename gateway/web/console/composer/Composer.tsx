/** Below the thread: a small form when one is open, the writer for who may write, else why not. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useDesk } from "../app/useDesk";
import { useKeys } from "../app/keys";
import { Oops } from "../parts/Oops";
import type { Mode } from "../store/drafts";
import { useConversation } from "../thread/useConversation";
import { ActionForm } from "./ActionForm";
import { Bystander } from "./Bystander";
import { CloseForm } from "./CloseForm";
import { form } from "./forms";
import { ReturnForm } from "./ReturnForm";
import { useOwnership } from "./useOwnership";
import { Writer } from "./Writer";

export function Composer({ conversation }: { conversation: string }): JSX.Element {
  const { store } = useDesk();
  const people = useConversation(conversation);
  const { claim, claimable } = useOwnership(conversation);
  const [mode, setMode] = useState<Mode>("reply");
  const [noting, setNoting] = useState(false);
  useKeys({
    n: () => (people.mine ? setMode("note") : setNoting(true)),
    ...(people.mine && { r: () => setMode("reply") }),
    ...(claimable && { t: () => void claim() }),
  });

  const refusal = store.refusals.value.get(conversation);
  const open = form.value?.conversation === conversation ? form.value.name : null;
  return (
    <div class="composer">
      {refusal && <Oops text={refusal} dismiss={() => store.refused(conversation, null)} />}
      {open === "return" && people.mine ? (
        <ReturnForm conversation={conversation} />
      ) : open === "action" && people.mine ? (
        <ActionForm conversation={conversation} />
      ) : open === "close" ? (
        <CloseForm conversation={conversation} />
      ) : people.mine ? (
        <Writer conversation={conversation} mode={mode} choose={setMode} />
      ) : noting ? (
        <Writer conversation={conversation} mode="note" close={() => setNoting(false)} />
      ) : (
        <Bystander conversation={conversation} note={() => setNoting(true)} />
      )}
    </div>
  );
}
