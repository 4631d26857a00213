/** The sign-in page. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Icon } from "../parts/Icon";
import { Oops } from "../parts/Oops";
import { sentence } from "../parts/sentence";
import type { Sessions } from "./session";

export function SignIn({ sessions }: { sessions: Sessions }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);

  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }): Promise<void> => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    setBusy(true);
    setRefusal(null);
    try {
      await sessions.signIn({
        email: String(fields.get("email")).trim(),
        password: String(fields.get("password")),
      });
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : "That did not work.");
      setBusy(false);
    }
  };

  return (
    <main class="signin">
      <form onSubmit={(event) => void submit(event)} aria-label="Sign in">
        <div class="row brand">
          <Icon name="logo" />
          <h1>Sign in to handrail</h1>
        </div>
        {sessions.ended.value && !refusal && (
          <p class="s muted" role="status">
            {sentence(sessions.ended.value)}
          </p>
        )}
        <div>
          <label class="label" for="email">
            E-mail
          </label>
          <input
            id="email"
            name="email"
            type="email"
            class="field tall"
            autocomplete="username"
            required
            autofocus
          />
        </div>
        <div>
          <label class="label" for="password">
            Password
          </label>
          <input
            id="password"
            name="password"
            type="password"
            class="field tall"
            autocomplete="current-password"
            required
            aria-invalid={refusal !== null}
          />
        </div>
        {refusal && <Oops text={refusal} />}
        <button class="btn primary" disabled={busy}>
          {busy ? "Signing in" : "Sign in"}
        </button>
      </form>
    </main>
  );
}
