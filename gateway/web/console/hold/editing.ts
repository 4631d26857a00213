/** The arguments of a held action as fields of a form, and back. Pure. */
import type { Hold } from "../store/summaries";
import { exact } from "./flatten";

/** One argument; `locked` is the one that says what the action acts on. */
export interface Field {
  name: string;
  text: string;
  kind: "text" | "number" | "json";
  locked: boolean;
  value: unknown;
}

/** The arguments of a hold, in their order. */
export function editable({ arguments: given, target }: Hold): Field[] {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return [];
  return Object.entries(given).map(([name, value]) => {
    const kind =
      typeof value === "string" ? "text" : typeof value === "number" ? "number" : "json";
    const text = kind === "text" ? String(value) : exact(value);
    return { name, text, kind, locked: text === target, value };
  });
}

/** The arguments as entered; null when nothing changed or something cannot be read. */
export function changedArguments(
  fields: readonly Field[],
  entered: Readonly<Record<string, string>>,
): Record<string, unknown> | null {
  const read: Record<string, unknown> = {};
  let changed = false;
  for (const field of fields) {
    const text = entered[field.name] ?? field.text;
    if (text === field.text) {
      read[field.name] = field.value;
      continue;
    }
    const value = valueOf(field, text.trim());
    if (value === undefined) return null;
    read[field.name] = value;
    changed = true;
  }
  return changed ? read : null;
}

function valueOf({ kind }: Field, text: string): unknown {
  if (kind === "text") return text;
  try {
    const value: unknown = JSON.parse(text);
    return kind === "number" && typeof value !== "number" ? undefined : value;
  } catch {
    return undefined;
  }
}
