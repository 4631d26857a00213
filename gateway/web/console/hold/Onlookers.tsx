/** For who cannot decide: who can, and who of them is here. */
import type { JSX } from "preact";
import { useDesk } from "../app/useDesk";
import { Icon } from "../parts/Icon";
import type { Hold } from "../store/summaries";
import { deciders, decides } from "./deciders";
import { awaitsDecision } from "./history";
import { statusWord } from "./words";

export function Onlookers({ hold }: { hold: Hold }): JSX.Element {
  const { me, staff } = useDesk().store.lists.value;
  if (!awaitsDecision(hold.status) || decides(me?.role, hold.kind)) {
    const what = hold.kind === "draft" ? "reply" : "action";
    return (
      <span class="s muted">
        This {what} is {statusWord(hold)}.
      </span>
    );
  }
  const people = deciders(staff);
  const here = people.filter(({ status }) => status === "online").map(({ name }) => name);
  return (
    <div class="row s">
      <span class="muted">
        <Icon name="lock" />
      </span>
      <span>
        <b class="b">Supervisors and admins decide on this.</b>{" "}
        <span class="muted">
          {here.length > 0
            ? `${listed(here)} ${here.length === 1 ? "is" : "are"} online.`
            : people.length > 0
              ? `Nobody of them is online: ${listed(people.map(({ name }) => name))}.`
              : "There is nobody with that role yet."}
        </span>
      </span>
    </div>
  );
}

function listed(names: readonly string[]): string {
  return new Intl.ListFormat("en", { type: "conjunction" }).format(names);
}
