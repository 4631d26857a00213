/** The conversation: messages, lines of the system, held actions, what is being written. */
import type { ComponentChildren, JSX } from "preact";
import { words } from "../words";
import { Icon } from "./Icon";
import { useSticky } from "./useSticky";

/** A log that announces additions and stays at its end for who is there. */
export function Log({ children }: { children: ComponentChildren }): JSX.Element {
  const { log, content, away, toEnd } = useSticky();
  return (
    <div class="scroll">
      <div
        ref={log}
        class="log"
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
