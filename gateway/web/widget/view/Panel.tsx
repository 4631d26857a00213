/** The open chat: header, banner, log and composer of one session. */
import type { JSX, Ref } from "preact";
import { useState } from "preact/hooks";
import type { Attention } from "../attention";
import type { Session } from "../session";
import { words } from "../words";
import { Body } from "./Body";
import { Foot } from "./Foot";
import { Header } from "./Header";
import { Strip } from "./Strip";
import { usePanel } from "./usePanel";

interface Props {
  session: Session;
  attention: Attention;
  open: boolean;
  field: Ref<HTMLTextAreaElement>;
  onClose: () => void;
}

export function Panel({ session, attention, open, field, onClose }: Props): JSX.Element {
  const [ending, setEnding] = useState(false);
  const { panel, full } = usePanel(open, onClose);
  const conversation = session.shown.value;
  const { id, status, settings } = conversation;
  const queued = session.letters.value.filter(
    ({ state }) => state === "waiting" || state === "delayed",
  );
  return (
    <section
      ref={panel}
      class="panel"
      lang={words.lang}
      dir={words.dir}
      role="dialog"
      aria-modal={full && open}
      aria-label={settings.title ? words.chatWith(settings.title) : words.chat}
      data-owner={status}
      data-open={open}
      inert={!open}
    >
      <Header
        conversation={conversation}
        loaded={session.loaded.value}
        canEnd={id !== null && status !== "closed"}
        onEnd={() => setEnding(true)}
        onClose={onClose}
      />
      <div class="body">
        {session.phase.value === "lost" && <Strip queued={queued.length} />}
        <Body session={session} attention={attention} />
      </div>
      <Foot
        session={session}
        attention={attention}
        ending={ending}
        field={field}
        onEnding={setEnding}
      />
    </section>
  );
}
