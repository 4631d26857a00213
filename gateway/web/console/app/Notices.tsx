/** What the server, or a colleague's act, wants the person to know. */
import type { JSX } from "preact";
import { Icon } from "../parts/Icon";
import { useDesk } from "./useDesk";

export function Notices(): JSX.Element {
  const { store } = useDesk();
  return (
    <div role="status">
      {store.notices.value.map(({ id, text }) => (
        <div key={id} class="band top">
          <Icon name="bell" />
          <span class="grow">{text}</span>
          <button class="btn ghost" type="button" onClick={() => store.dismiss(id)}>
            Dismiss
          </button>
        </div>
      ))}
    </div>
  );
}
