/** Which rows a list shows, in which groups and order. Pure. */
import { type Lists } from "../store/lists";
import { type Conversation, type Hold, isSettled } from "../store/summaries";

export type View = "line" | "mine" | "live";

/** Rows under one heading. */
export interface Group<T> {
  title: string;
  rows: readonly T[];
}

/** Conversations waiting for a person: the most urgent first, then who waits longest. */
export function inLine(lists: Lists): Conversation[] {
  return rows(lists, (row) => row.owner === "line").sort(
    (a, b) => b.priority - a.priority || earlier(waitsSince(a), waitsSince(b)),
  );
}

/** Conversations of the signed-in person: who waits longest first. */
export function mine(lists: Lists): Conversation[] {
  const owner = `staff:${lists.me?.id}`;
  return rows(lists, (row) => row.owner === owner).sort((a, b) => earlier(a.at, b.at));
}

/** Conversations the assistant answers: the latest word first. */
export function live(lists: Lists): Conversation[] {
  return rows(lists, (row) => row.owner === "assistant").sort((a, b) => earlier(b.at, a.at));
}

/** The groups of a view; empty groups are left out. */
export function grouped(lists: Lists, view: View): Group<Conversation>[] {
  const groups: Group<Conversation>[] =
    view === "line"
      ? [{ title: "Waiting for a person", rows: inLine(lists) }]
      : view === "live"
        ? [{ title: "The assistant answers", rows: live(lists) }]
        : [
            { title: "Needs a reply", rows: mine(lists).filter((row) => row.unread > 0) },
            { title: "Waiting for the customer", rows: mine(lists).filter((row) => !row.unread) },
            { title: "Next in line", rows: inLine(lists) },
          ];
  return groups.filter((group) => group.rows.length > 0);
}

/** Holds nothing has settled yet. */
export function openHolds(lists: Lists): Hold[] {
  return [...lists.holds.values()].filter((hold) => !isSettled(hold.status));
}

/** Open holds by what they wait for; high risk first, then the oldest. */
export function groupedHolds(lists: Lists): Group<Hold>[] {
  const open = openHolds(lists).sort(
    (a, b) => weight(b) - weight(a) || earlier(a.created_at, b.created_at),
  );
  const deciding = (hold: Hold) => hold.status === "held" || hold.status === "needs_info";
  return [
    { title: "Waiting for a decision", rows: open.filter(deciding) },
    { title: "Outcome not known", rows: open.filter((hold) => hold.status === "unknown") },
    {
      title: "Approved",
      rows: open.filter((hold) => hold.status === "approved" || hold.status === "executing"),
    },
  ].filter((group) => group.rows.length > 0);
}

/** Since when somebody waits for us in a row, or null. */
export function waitsSince(row: Conversation): string | null {
  return row.waiting_since ?? (row.unread > 0 && row.owner.startsWith("staff:") ? row.at : null);
}

function rows(lists: Lists, test: (row: Conversation) => boolean): Conversation[] {
  return [...lists.conversations.values()].filter(test);
}

function earlier(a: string | null, b: string | null): number {
  const [first, second] = [a ?? "", b ?? ""];
  return first === second ? 0 : first < second ? -1 : 1;
}

function weight(hold: Hold): number {
  return { high: 3, medium: 2, low: 1 }[hold.risk ?? "medium"] ?? 2;
}
