/** Who this is, who has it, and what its owner can do with it. */
import type { JSX } from "preact";
import { formatTime } from "../../shared/format";
import { address, route } from "../app/route";
import { useDesk } from "../app/useDesk";
import { openForm } from "../composer/forms";
import { Icon } from "../parts/Icon";
import { capital } from "../parts/sentence";
import { Since } from "../parts/Since";
import { ownedSince } from "./facts";
import { type People, useConversation } from "./useConversation";

export function ThreadHead({ conversation }: { conversation: string }): JSX.Element {
  const { store } = useDesk();
  const people = useConversation(conversation);
  const { view } = route.value;
  const supervises = store.lists.value.me?.role !== "agent";
  const closable = people.mine || (supervises && people.owner !== "nobody" && people.owner !== "");
  return (
    <header class="bar">
      <a class="btn ghost icon phone-only" href={address(view)} aria-label="Back to the list">
        <Icon name="back" />
      </a>
      <div class="grow">
        <h1 class="cut">{people.customer}</h1>
        <div class="xs muted cut">
          <Ownership
            people={people}
            since={ownedSince(store.threadOf(conversation).journal.events)}
          />
          {people.row?.topic && ` · ${people.row.topic}`}
          {people.row?.language && ` · ${people.row.language}`}
        </div>
      </div>
      {people.mine && store.lists.value.tools.length > 0 && (
        <button class="btn ghost" type="button" onClick={() => openForm(conversation, "action")}>
          <Icon name="hold" />
          Action
        </button>
      )}
      {people.mine && (
        <button class="btn" type="button" onClick={() => openForm(conversation, "return")}>
          <Icon name="returned" />
          <span class="wide-only">Return to {people.assistant}</span>
          <span class="phone-only">Return</span>
        </button>
      )}
      {closable && (
        <button
          class="btn ghost icon"
          type="button"
          aria-label="Close the conversation"
          title="Close the conversation"
          onClick={() => openForm(conversation, "close")}
        >
          <Icon name="check" />
        </button>
      )}
      <a
        class="btn ghost icon narrow-only"
        href={address(view, conversation, "context")}
        aria-label="Context"
      >
        <Icon name="context" />
      </a>
    </header>
  );
}

function Ownership({ people, since }: { people: People; since: string | null }): JSX.Element {
  const { owner, mine, assistant, colleague, row } = people;
  if (mine) return <span class="c-person m5">Yours{since && ` since ${formatTime(since)}`}</span>;
  if (owner === "assistant")
    return <span class="c-assistant m5">{capital(assistant)} is answering</span>;
  if (owner === "line") {
    return (
      <span class="c-hold m5">
        In line
        {(row?.waiting_since ?? since) && (
          <>
            {" "}
            for <Since at={row?.waiting_since ?? since ?? ""} />
          </>
        )}
      </span>
    );
  }
  if (owner === "nobody") return <span class="m5">Closed</span>;
  return <span class="c-person m5">{colleague ? `With ${colleague}` : " "}</span>;
}
