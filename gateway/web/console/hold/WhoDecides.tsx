/** The people who may decide on a held action, those at work first. */
import type { JSX } from "preact";
import { initials } from "../../shared/text";
import type { StaffMember } from "../../shared/wire";
import { useDesk } from "../app/useDesk";
import type { Hold } from "../store/summaries";
import { deciders } from "./deciders";

export function WhoDecides({ hold }: { hold: Hold }): JSX.Element {
  const { me, staff } = useDesk().store.lists.value;
  return (
    <section class="blk">
      <header>
        <h2>Who may decide</h2>
      </header>
      <ul class="held-for">
        {deciders(staff, hold.kind).map((member) => (
          <li key={member.id} class="row">
            <span class="av sm">{initials(member.name)}</span>
            <span class="grow cut">{member.id === me?.id ? "You" : member.name}</span>
            {hold.approved_by.includes(member.id) ? (
              <span class="xs c-person m5">approved</span>
            ) : hold.asked_by.includes(member.id) ? (
              <span class="xs muted">asked for it</span>
            ) : (
              <Presence member={member} />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Presence({ member }: { member: StaffMember }): JSX.Element {
  return (
    <span class={member.status === "online" ? "xs c-person m5" : "xs muted"}>{member.status}</span>
  );
}
