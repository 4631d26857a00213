/** What the server, or a colleague's act, wants the person to know. */
import type { JSX } from "preact";
import { Icon } from "../parts/Icon";
import { useDesk } from "./useDesk";

const LOOKS = { info: "", warning: "hold", error: "danger" } as const;

export function Notices(): JSX.Element {
  const { store } = useDesk();
  return (
    <div role="status">
      {store.notices.value.map(({ id, text, level }) => (
        <div key={id} class={`band top ${LOOKS[level]}`}>
          <Icon name={level === "info" ? "bell" : "warning"} />
          <span class="grow">{text}</span>
          <button class="btn ghost" type="button" onClick={() => store.dismiss(id)}>
            Dismiss
          </button>
        </div>
      ))}
    </div>
  );
}
