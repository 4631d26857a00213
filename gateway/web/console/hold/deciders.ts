/** Who may decide on held calls: supervisors and admins. Pure. */
import type { StaffMember, StaffRole } from "../../shared/wire";

/** Whether a role decides on held calls. */
export function decides(role: StaffRole | undefined): boolean {
  return role === "supervisor" || role === "admin";
}

/** Those who may, online before away before offline. */
export function deciders(staff: ReadonlyMap<string, StaffMember>): StaffMember[] {
  const order = ["online", "away", "offline"];
  return [...staff.values()]
    .filter(({ role }) => decides(role))
    .sort(
      (a, b) => order.indexOf(a.status) - order.indexOf(b.status) || a.name.localeCompare(b.name),
    );
}
