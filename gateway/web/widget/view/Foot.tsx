/** Below the log: the composer, a question before ending, or the way to a new conversation. */
import type { JSX, RefObject, Ref } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Attention } from "../attention";
import type { Session } from "../session";
import { words } from "../words";
import { Composer } from "./Composer";
import { Confirm } from "./Confirm";
import { Ended } from "./Ended";
import { Icon } from "./Icon";

const DRAFT = "draft";

interface Props {
  session: Session;
  attention: Attention;
  ending: boolean;
  field: Ref<HTMLTextAreaElement>;
  onEnding: (ending: boolean) => void;
}

export function Foot(props: Props): JSX.Element {
  const foot = useFocusOnReturn(props.ending, props.session.shown.value.status === "closed");
  return (
    <div ref={foot} class="foot">
      <Inside {...props} />
    </div>
  );
}

function Inside({ session, attention, ending, field, onEnding }: Props): JSX.Element {
  const { status } = session.shown.value;
  const asking = session.asking.value;
  if (status === "closed") return <Ended onNew={() => session.startAnew()} />;
  if (ending) return <EndQuestion session={session} onKeep={() => onEnding(false)} />;
  const send = (text: string): void => {
    attention.typing(false);
    session.say(text);
  };
  const keepDraft = (text: string): void => {
    attention.typing(text !== "");
    if (text === "") session.store.remove(DRAFT);
    else session.store.write(DRAFT, text);
  };
  return (
    <>
      {asking?.state === "failed" && <AskFailed reason={asking.failure ?? ""} />}
      <Composer
        status={status}
        online={session.phase.value !== "lost"}
        asking={asking !== undefined && asking.state !== "failed"}
        draft={session.store.read(DRAFT) ?? ""}
        field={field}
        onDraft={keepDraft}
        onSend={send}
        onTalk={() => session.askForPerson()}
      />
    </>
  );
}

function EndQuestion({ session, onKeep }: { session: Session; onKeep: () => void }): JSX.Element {
  return (
    <Confirm
      question={words.endQuestion}
      more={words.endMore}
      act={words.endConversation}
      keep={words.keepChatting}
      onAct={() => session.leave()}
      onKeep={onKeep}
    />
  );
}

function AskFailed({ reason }: { reason: string }): JSX.Element {
  return (
    <p class="fact bad" role="alert">
      <Icon name="alert" look="s" />
      <span>{words.askFailed(reason)}</span>
    </p>
  );
}

/** When the composer comes back in place of a question or an ending, it has the focus. */
function useFocusOnReturn(ending: boolean, closed: boolean): RefObject<HTMLDivElement | null> {
  const foot = useRef<HTMLDivElement>(null);
  const away = ending || closed;
  const was = useRef(away);
  useLayoutEffect(() => {
    if (was.current && !away) foot.current?.querySelector("textarea")?.focus();
    was.current = away;
  }, [away]);
  return foot;
}
