/** Who is who in a conversation, from its log and its row in the lists. */
import { useDesk } from "../app/useDesk";
import { type Conversation, firstName } from "../store/summaries";
import { wholeName } from "./names";

/** Names and ownership, for words on the page. */
export interface People {
  /** The customer's whole name, and what to call them in a sentence. */
  customer: string;
  first: string;
  assistant: string;
  owner: string;
  /** The name of the colleague who has it, if one does. */
  colleague: string | null;
  mine: boolean;
  row: Conversation | null;
}

/** The people of a conversation; renders again when any of it changes. */
export function useConversation(conversation: string): People {
  const { store } = useDesk();
  const row = store.lists.value.conversations.get(conversation) ?? null;
  const { events } = store.threadOf(conversation).journal;
  const name = wholeName(events, row);
  const owner = store.ownerOf(conversation);
  const mine = store.owns(conversation);
  const taken = events.findLast((event) => event.type === "owner_changed");
  const told = taken?.type === "owner_changed" ? taken.data.name : null;
  const { staff } = store.lists.value;
  const colleague =
    owner.startsWith("staff:") && !mine
      ? (staff.get(owner.slice("staff:".length))?.name ?? told ?? row?.staff ?? "A colleague")
      : null;
  return {
    customer: name,
    first: firstName(name),
    assistant: store.lists.value.assistant,
    owner,
    colleague,
    mine,
    row,
  };
}
