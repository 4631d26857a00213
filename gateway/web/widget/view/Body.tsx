/** What stands between header and composer: a skeleton, a refusal, the greeting, or the log. */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Attention } from "../attention";
import { itemsOf, type Item } from "../items";
import type { Session } from "../session";
import { Greeting } from "./Greeting";
import { Log } from "./Log";
import { Refused } from "./Refused";
import { Skeleton } from "./Skeleton";
import { Thread } from "./Thread";

interface Props {
  session: Session;
  attention: Attention;
}

/** The log's items; the frames of a reply in progress do not change them. */
function useItems({ session, attention }: Props): Item[] {
  const conversation = session.shown.value;
  const { journal, holds, heard, assistant, staff, settings } = conversation;
  const letters = session.letters.value;
  const seen = attention.seen.value;
  return useMemo(
    () => itemsOf(conversation, letters, seen),
    [journal.events, holds, heard, assistant, staff, settings, letters, seen],
  );
}

export function Body({ session, attention }: Props): JSX.Element {
  const conversation = session.shown.value;
  const items = useItems({ session, attention });
  const letters = session.letters.value;
  const refusal = session.link.refusal.value;
  if (refusal) return <Refused error={refusal} onRetry={() => session.link.open()} />;
  if (items.length === 0) {
    if (!session.loaded.value) return <Skeleton />;
    return <Greeting conversation={conversation} onSuggestion={(text) => session.say(text)} />;
  }
  return (
    <Log sent={letters.findLast(({ state }) => state !== "failed")?.id ?? null}>
      <Thread
        conversation={conversation}
        items={items}
        writing={attention.writing.value}
        online={session.phase.value === "online"}
        session={session}
      />
    </Log>
  );
}
