/** What a log says of its people: the customer, and since when somebody has it. Pure. */
import type { LogEvent } from "../../shared/wire";

/** The customer as the log tells; `level` says how well they are known. */
export interface Customer {
  id: string;
  name: string | null;
  level: string;
  how: string | null;
  channel: string | null;
  page: string | null;
  locale: string | null;
  attributes: Record<string, unknown>;
}

/** The customer, or null before the log's first event. */
export function customer(events: readonly LogEvent[]): Customer | null {
  let known = null as Customer | null;
  for (const event of events) {
    if (event.type === "conversation_started") {
      const {
        customer: id = "",
        channel = null,
        page = null,
        locale = null,
        attributes = {},
      } = event.data;
      known = {
        id,
        name: null,
        level: "anonymous",
        how: null,
        channel,
        page,
        locale,
        attributes,
      };
    } else if (event.type === "customer_identified" && known) {
      const { customer: id, level, how } = event.data;
      const more = { ...known.attributes, ...event.data.attributes };
      known = { ...known, id, level, how, attributes: more };
    }
  }
  if (known && typeof known.attributes["name"] === "string") known.name = known.attributes["name"];
  return known;
}

/** When the present owner came to own it. */
export function ownedSince(events: readonly LogEvent[]): string | null {
  return events.findLast((event) => event.type === "owner_changed")?.at ?? null;
}
