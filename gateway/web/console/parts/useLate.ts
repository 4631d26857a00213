/** True once something has lasted longer than anybody should be told of. */
import { useEffect, useState } from "preact/hooks";

const PATIENCE_MS = 200;

/** Whether `lasting` has been true for 200 ms. */
export function useLate(lasting: boolean): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!lasting) return;
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [lasting]);
  return lasting && late;
}
