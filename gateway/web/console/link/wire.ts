/** The connection of the console. */
import type { Link } from "../../shared/link";
import type { StaffCommands, StaffFeed } from "../../shared/wire";

export type StaffLink = Link<StaffCommands, StaffFeed>;
