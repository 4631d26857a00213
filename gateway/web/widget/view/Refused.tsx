/** The server does not open a chat for this visitor: why, and the way to try again. */
import type { JSX } from "preact";
import type { WireError } from "../../shared/wire";
import { words } from "../words";

export function Refused({
  error,
  onRetry,
}: {
  error: WireError;
  onRetry: () => void;
}): JSX.Element {
  return (
    <div class="log">
      <div class="card" role="alert">
        <div>
          <h3>{words.refused}</h3>
          <p class="sub">
            {error.code === "unauthorized" ? words.refusedSignIn : words.refusedOther}
          </p>
        </div>
        <button type="button" class="btn" onClick={onRetry}>
          {words.tryAgain}
        </button>
      </div>
    </div>
  );
}
