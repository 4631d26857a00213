/** The desk of the signed-in person, for every component below the workplace. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Desk } from "../link/desk";

/** Carries the desk down the tree. */
export const DeskContext = createContext<Desk | null>(null);

/** The desk; only inside the workplace. */
export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === null) throw new Error("useDesk is for components inside the workplace");
  return desk;
}
