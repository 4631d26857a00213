/** A conversation's items in the log, then the reply in progress and the place in line. */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { formatMoment } from "../../shared/format";
import type { By } from "../../shared/wire";
import type { Conversation } from "../conversation";
import { awaitsAssistant, turnGoingOn, type Item } from "../items";
import type { Session } from "../session";
import { words } from "../words";
import { HoldCard } from "./HoldCard";
import { LineCard } from "./LineCard";
import { MyMessages } from "./MyMessages";
import { StreamingReply } from "./StreamingReply";
import { TheirMessages } from "./TheirMessages";
import { Writing } from "./Writing";

interface Props {
  conversation: Conversation;
  items: readonly Item[];
  writing: By | null;
  online: boolean;
  session: Session;
}

export function Thread(props: Props): JSX.Element {
  const { conversation, items, online, session } = props;
  const entries = useMemo(() => {
    const lastMine = items.findLast((item) => item.kind === "mine");
    return items.map((item) => (
      <Entry
        key={item.key}
        item={item}
        last={item === lastMine}
        online={online}
        session={session}
      />
    ));
  }, [items, online, session]);
  return (
    <>
      {entries}
      <InProgress {...props} />
      {conversation.status === "waiting" && conversation.line && (
        <LineCard line={conversation.line} assistant={conversation.assistant} />
      )}
    </>
  );
}

interface EntryProps {
  item: Item;
  last: boolean;
  online: boolean;
  session: Session;
}

function Entry({ item, last, online, session }: EntryProps): JSX.Element {
  switch (item.kind) {
    case "mine": {
      const retry = (): void => void (item.letter && session.retry(item.letter));
      const remove = (): void => void (item.letter && session.discard(item.letter));
      return (
        <MyMessages item={item} last={last} online={online} onRetry={retry} onDelete={remove} />
      );
    }
    case "theirs":
      return <TheirMessages item={item} />;
    case "hold":
      return (
        <HoldCard
          item={item}
          onWithdraw={(hold) => session.withdraw(hold)}
          onAnswer={(hold, text) => session.answer(hold, text)}
        />
      );
    case "system":
      return <SystemLine text={item.text} />;
    case "ended": {
      const at = formatMoment(item.at);
      return <SystemLine text={item.byCustomer ? words.endedByYou(at) : words.endedAt(at)} />;
    }
  }
}

function SystemLine({ text }: { text: string }): JSX.Element {
  return (
    <p class="sys" dir="auto">
      {text}
    </p>
  );
}

function InProgress({ conversation, items, writing }: Props): JSX.Element | null {
  const { reply, assistant, staff, status } = conversation;
  const last = items.at(-1);
  const turn = turnGoingOn(conversation);
  const goesOn = last?.kind === "theirs" && turn !== null && last.turn === turn;
  if (reply.shown !== null && reply.shown.text.trim() !== "") {
    return <StreamingReply name={assistant} goesOn={goesOn} text={reply.shown.text} />;
  }
  if (writing?.role === "staff" && status === "human") {
    return <Writing role="staff" name={writing.name ?? staff ?? words.person} />;
  }
  const works = writing?.role === "assistant" && status === "assistant";
  return works || awaitsAssistant(conversation) ? (
    <Writing role="assistant" name={assistant} goesOn={goesOn} />
  ) : null;
}
