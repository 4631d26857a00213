/** Three dots: somebody is writing, or the assistant owes a word. */
import type { JSX } from "preact";
import { words } from "../words";
import { Speaker } from "./TheirMessages";

interface Props {
  role: "assistant" | "staff";
  name: string;
  goesOn?: boolean;
}

export function Writing({ role, name, goesOn = false }: Props): JSX.Element {
  return (
    <Speaker role={role} name={name} goesOn={goesOn}>
      <div class="b" aria-live="off">
        <span class="typing" role="img" aria-label={words.writing(name)}>
          <i />
          <i />
          <i />
        </span>
      </div>
    </Speaker>
  );
}
