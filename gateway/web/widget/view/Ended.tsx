/** In the composer's place once the conversation has ended. */
import type { JSX } from "preact";
import { words } from "../words";
import { Icon } from "./Icon";

export function Ended({ onNew }: { onNew: () => void }): JSX.Element {
  return (
    <button type="button" class="btn pri" onClick={onNew}>
      <Icon name="plus" />
      {words.newConversation}
    </button>
  );
}
