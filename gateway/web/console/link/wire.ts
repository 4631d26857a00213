/** The staff namespace as the console uses it. */
import type { Link } from "../../shared/link";
import type { Seen, StaffCommands, StaffFeed } from "../../shared/wire";

/** What the server tells; `notice` is for the person, in words. */
export interface Feed extends StaffFeed {
  notice: { message: string };
  seen: Seen & { conversation: string };
}

/** The connection of the console. */
export type StaffLink = Link<StaffCommands, Feed>;
