/** Either somebody is signed in and at work, or the sign-in page. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Sessions } from "../session/session";
import { SignIn } from "../session/SignIn";
import { Signed } from "./Signed";

export function App({ sessions }: { sessions: Sessions }): JSX.Element | null {
  const [looking, setLooking] = useState(true);
  useEffect(() => {
    const look = (): void => void sessions.signInByAddress().finally(() => setLooking(false));
    look();
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, [sessions]);
  const session = sessions.current.value;
  if (session) return <Signed key={session.token} session={session} sessions={sessions} />;
  return looking ? null : <SignIn sessions={sessions} />;
}
