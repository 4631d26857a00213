/** One person's desk, from sign-in to sign-out. */
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { Desk } from "../link/desk";
import type { Session, Sessions } from "../session/session";
import { clear, tabStore } from "../session/tabStore";
import { followAddress } from "./route";
import { DeskContext } from "./useDesk";
import { Workplace } from "./Workplace";

interface Props {
  session: Session;
  sessions: Sessions;
}

export function Signed({ session, sessions }: Props): JSX.Element {
  const shelf = useMemo(() => tabStore(`handrail.${session.staff.id}.`), [session]);
  const desk = useMemo(
    () =>
      new Desk({
        origin: location.origin,
        token: session.token,
        shelf,
        signedOut: (why) => sessions.end(why),
      }),
    [session, sessions, shelf],
  );
  useEffect(() => {
    const stop = followAddress();
    desk.open();
    return () => {
      stop();
      desk.close();
    };
  }, [desk]);
  const signOut = (): void => {
    clear(shelf);
    sessions.signOut();
  };
  return (
    <DeskContext.Provider value={desk}>
      <Workplace signOut={signOut} />
    </DeskContext.Provider>
  );
}
