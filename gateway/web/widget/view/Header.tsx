/** The panel's header: who has the conversation now, the menu, and close. */
import type { JSX } from "preact";
import { formatMoment } from "../../shared/format";
import type { Conversation } from "../conversation";
import { words } from "../words";
import { Icon } from "./Icon";
import { AssistantMark, NeutralMark, PersonMark } from "./Mark";
import { Menu } from "./Menu";

interface Props {
  conversation: Conversation;
  loaded: boolean;
  canEnd: boolean;
  onEnd: () => void;
  onClose: () => void;
}

export function Header({ conversation, loaded, canEnd, onEnd, onClose }: Props): JSX.Element {
  return (
    <header role="presentation">
      {loaded ? <Owner conversation={conversation} /> : <Unknown />}
      {canEnd && <Menu onEnd={onEnd} />}
      <button type="button" class="ib shut" aria-label={words.closeChat} onClick={onClose}>
        <Icon name="close" />
      </button>
    </header>
  );
}

function Owner({ conversation }: { conversation: Conversation }): JSX.Element {
  const { status, assistant, staff, settings } = conversation;
  if (status === "human") {
    const name = staff ?? words.person;
    return (
      <Who
        mark={<PersonMark name={name} large />}
        title={name}
        kind={words.person}
        more={words.talksWithYou}
      />
    );
  }
  if (status === "waiting") {
    return (
      <Who
        mark={<NeutralMark icon="clock" />}
        title={words.waitingForPerson}
        more={words.placeKept}
      />
    );
  }
  if (status === "closed") {
    return (
      <Who mark={<NeutralMark icon="check" />} title={words.ended} more={endedAt(conversation)} />
    );
  }
  const ai = { title: assistant, kind: words.aiAssistant, more: words.answersAtOnce };
  return <Who mark={<AssistantMark large />} notice={settings.notice} {...ai} />;
}

interface WhoProps {
  mark: JSX.Element;
  title: string;
  /** A small label beside the name, such as "demo model". */
  notice?: string | null | undefined;
  kind?: string;
  more: string;
}

function Who({ mark, title, notice, kind, more }: WhoProps): JSX.Element {
  return (
    <>
      {mark}
      <div class="who">
        <div class="called">
          <h2>{title}</h2>
          {notice && <span class="notice">{notice}</span>}
        </div>
        <p>
          {kind && <b>{kind}</b>}
          {kind && <i class="sep" />}
          {more}
        </p>
      </div>
    </>
  );
}

function Unknown(): JSX.Element {
  return (
    <>
      <span class="sk" style={{ inlineSize: "40px", blockSize: "40px" }} />
      <div class="who">
        <span class="vh">{words.connecting}</span>
        <div class="sk thin" style={{ inlineSize: "96px" }} />
        <div class="sk thin" style={{ inlineSize: "136px" }} />
      </div>
    </>
  );
}

function endedAt({ journal }: Conversation): string {
  const closed = journal.events.findLast(({ type }) => type === "conversation_closed");
  return closed ? formatMoment(closed.at) : "";
}
