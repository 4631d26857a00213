/** A `Store` that lives as long as its tab: what a person wrote must not be sent by tomorrow's tab. */
import type { Store } from "../../shared/store";

/** Text kept in `sessionStorage` under `prefix`; no other tab sees it. */
export function tabStore(prefix: string): Store {
  const names = (): string[] =>
    Array.from({ length: sessionStorage.length }, (_, at) => sessionStorage.key(at) ?? "");
  return {
    read: (key) => sessionStorage.getItem(prefix + key),
    write: (key, value) => sessionStorage.setItem(prefix + key, value),
    remove: (key) => sessionStorage.removeItem(prefix + key),
    keys: () =>
      names()
        .filter((name) => name.startsWith(prefix))
        .map((name) => name.slice(prefix.length)),
    watch: () => () => undefined,
  };
}

/** Forget everything kept under `prefix`. */
export function clear(store: Store): void {
  for (const key of store.keys()) store.remove(key);
}
