/** Text kept across reloads under one prefix; kept for this page only where storage is denied. */

export interface Store {
  read(key: string): string | null;
  write(key: string, value: string): void;
  remove(key: string): void;
  keys(): string[];
  /** Called when another tab changed `key`; returns how to stop. */
  watch(listener: (key: string, value: string | null) => void): () => void;
}

/** A store in `localStorage` under `prefix`, or in memory where the browser denies it. */
export function openStore(prefix: string): Store {
  const area = localArea() ?? new MemoryArea();
  return {
    read: (key) => area.getItem(prefix + key),
    write: (key, value) => {
      try {
        area.setItem(prefix + key, value);
      } catch {
        // full: what is shown stays true, only a reload would lose it
      }
    },
    remove: (key) => area.removeItem(prefix + key),
    keys: () =>
      keysOf(area)
        .filter((key) => key.startsWith(prefix))
        .map((key) => key.slice(prefix.length)),
    watch: (listener) => {
      const heard = (event: StorageEvent): void => {
        if (event.key?.startsWith(prefix)) listener(event.key.slice(prefix.length), event.newValue);
      };
      addEventListener("storage", heard);
      return () => removeEventListener("storage", heard);
    },
  };
}

/** Run `act` in one tab at a time, where the browser has locks (it has on secure origins). */
export function exclusively<T>(name: string, act: () => Promise<T>): Promise<T> {
  const locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks;
  return locks ? (locks.request(name, act) as Promise<T>) : act();
}

type Area = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

function localArea(): Area | null {
  try {
    const area = globalThis.localStorage;
    area.getItem("");
    return area;
  } catch {
    return null;
  }
}

function keysOf(area: Area): string[] {
  return Array.from({ length: area.length }, (_, index) => area.key(index)).filter(
    (key) => key !== null,
  );
}

class MemoryArea implements Area {
  readonly #entries = new Map<string, string>();

  get length(): number {
    return this.#entries.size;
  }

  getItem(key: string): string | null {
    return this.#entries.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#entries.set(key, value);
  }

  removeItem(key: string): void {
    this.#entries.delete(key);
  }

  key(index: number): string | null {
    return [...this.#entries.keys()][index] ?? null;
  }
}
