/** Who may decide on what is held. Pure. */
import type { StaffMember, StaffRole } from "../../shared/wire";
import type { Hold } from "../store/summaries";

type Me = { id: string; role: StaffRole };

/** Whether a role decides on something of this kind: drafts are everybody's, actions are not. */
export function decides(role: StaffRole | undefined, kind: Hold["kind"] = "call"): boolean {
  if (kind === "draft") return role !== undefined;
  return role === "supervisor" || role === "admin";
}

/** Why somebody who decides cannot approve this one, or null when they can. */
export function cannotApprove(hold: Hold, me: Me): string | null {
  if (hold.approved_by.includes(me.id)) return "You have approved it; somebody else must, too.";
  if (hold.asked_by.includes(me.id)) return "You asked for this; somebody else approves it.";
  return null;
}

/** Those who may, online before away before offline. */
export function deciders(
  staff: ReadonlyMap<string, StaffMember>,
  kind: Hold["kind"] = "call",
): StaffMember[] {
  const order = ["online", "away", "offline"];
  return [...staff.values()]
    .filter(({ role }) => decides(role, kind))
    .sort(
      (a, b) => order.indexOf(a.status) - order.indexOf(b.status) || a.name.localeCompare(b.name),
    );
}
