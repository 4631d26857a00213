/** Why something did not work, where it was tried. */
import type { JSX } from "preact";
import { Icon } from "./Icon";
import { sentence } from "./sentence";

export function Oops({ text, dismiss }: { text: string; dismiss?: () => void }): JSX.Element {
  return (
    <div class="oops" role="alert">
      <Icon name="warning" />
      <span class="grow">{sentence(text)}</span>
      {dismiss && (
        <button class="lnk" type="button" onClick={dismiss}>
          Dismiss
        </button>
      )}
    </div>
  );
}
