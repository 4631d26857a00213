/** The panes of the working day: rail, lists, what is open, and its context. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { ContextPane } from "../context/ContextPane";
import { HoldPane } from "../hold/HoldPane";
import { HoldList } from "../lists/HoldList";
import { Inbox } from "../lists/Inbox";
import { customerName } from "../store/summaries";
import { ThreadPane } from "../thread/ThreadPane";
import { Banner } from "./Banner";
import { findHold } from "./findHold";
import { Notices } from "./Notices";
import { Rail } from "./Rail";
import { route } from "./route";
import { useDesk } from "./useDesk";

export function Workplace({ signOut }: { signOut: () => void }): JSX.Element {
  const desk = useDesk();
  const { view, id, context, ...at } = route.value;
  const hold = view === "holds" && id !== null ? findHold(desk.store, id, at.conversation) : null;
  const conversation = at.conversation ?? hold?.conversation ?? null;
  useEffect(() => desk.watch(conversation), [desk, conversation]);
  const name = title(desk.store.lists.value.conversations.get(conversation ?? ""));
  useEffect(() => void (document.title = name), [name]);

  const pane = id === null ? "list" : view === "holds" ? "card" : context ? "context" : "thread";
  return (
    <div class="frame">
      <Banner />
      <Notices />
      <div class={view === "holds" ? "app two" : "app"} data-pane={pane}>
        <Rail signOut={signOut} />
        {view === "holds" ? <HoldList /> : <Inbox view={view} />}
        {view === "holds" ? (
          <HoldPane key={id} id={id} hold={hold} />
        ) : (
          <ThreadPane key={id} conversation={id} />
        )}
        {view !== "holds" && <ContextPane conversation={id} />}
      </div>
    </div>
  );
}

function title(row: { name: string | null; customer: string | null } | undefined): string {
  return row ? `${customerName(row)} · handrail` : "handrail";
}
