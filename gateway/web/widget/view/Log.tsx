/** The conversation: messages, lines of the system, held actions, what is being written. */
import type { ComponentChildren, JSX } from "preact";
import { words } from "../words";
import { Icon } from "./Icon";
import { useSticky } from "./useSticky";

interface Props {
  /** The customer's own last message on its way; sending brings them to the end. */
  sent: string | null;
  children: ComponentChildren;
}

/** A log that announces additions and stays at its end for who is there. */
export function Log({ sent, children }: Props): JSX.Element {
  const { log, content, away, toEnd } = useSticky(sent);
  return (
    <div class="scroll">
      <div
        ref={log}
        class={away ? "log away" : "log"}
        role="log"
        aria-live="polite"
        aria-relevant="additions"
        aria-label={words.messages}
        tabIndex={0}
      >
        <div ref={content} class="content">
          {children}
        </div>
      </div>
      {away && (
        <button type="button" class="jump" onClick={toEnd}>
          <span>
            <Icon name="down" look="s" />
            {words.newMessages}
          </span>
        </button>
      )}
    </div>
  );
}
