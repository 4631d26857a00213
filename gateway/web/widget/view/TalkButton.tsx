/** The composer's middle slot: the way to a person, or where that way has led. */
import type { JSX } from "preact";
import type { Status } from "../../shared/wire";
import { words } from "../words";
import { Icon } from "./Icon";

export function TalkButton({
  status,
  asking,
  onTalk,
}: {
  status: Status;
  asking: boolean;
  onTalk: () => void;
}): JSX.Element {
  if (status === "assistant" && !asking) {
    return (
      <button type="button" class="talk" onClick={onTalk}>
        <Icon name="person" />
        {words.talk}
      </button>
    );
  }
  return (
    <span class="talk still" role="status">
      <Icon name="person" />
      {asking ? words.asking : status === "human" ? words.talking : words.inLine}
    </span>
  );
}
