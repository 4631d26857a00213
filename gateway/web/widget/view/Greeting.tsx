/** What an empty chat shows: the greeting, and suggestions that are ordinary messages. */
import type { JSX } from "preact";
import type { Conversation } from "../conversation";
import { words } from "../words";
import { Icon } from "./Icon";

interface Props {
  conversation: Conversation;
  onSuggestion: (text: string) => void;
}

export function Greeting({ conversation, onSuggestion }: Props): JSX.Element {
  const { settings, assistant } = conversation;
  const suggestions = settings.suggestions ?? [];
  return (
    <div class="log">
      <div class="hello">
        <h3 dir="auto">{settings.greeting || words.hello}</h3>
        <p>{words.helloMore(assistant)}</p>
      </div>
      {suggestions.length > 0 && (
        <div class="sug" role="group" aria-label={words.suggestions}>
          {suggestions.map((text) => (
            <button key={text} type="button" onClick={() => onSuggestion(text)}>
              <span dir="auto">{text}</span>
              <Icon name="next" look="s flip" />
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
