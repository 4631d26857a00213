/** What to call the people of a thread, and which of them is reading it. */
import type { LogEvent } from "../../shared/wire";
import { type Conversation, customerName } from "../store/summaries";
import { customer } from "./facts";

/** Names for words on the page; `me` is the id of the signed-in person. */
export interface Names {
  first: string;
  assistant: string;
  me: string | null;
}

/** The customer's whole name, from the log or else from the row of the lists. */
export function wholeName(events: readonly LogEvent[], row: Conversation | null): string {
  const known = customer(events);
  if (!known && !row) return "Conversation";
  return customerName({
    name: known?.name ?? row?.name ?? null,
    customer: known?.id ?? row?.customer ?? null,
  });
}
