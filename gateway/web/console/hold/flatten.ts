/** Turns any JSON value into lines of a key and a plain text, for tables. Pure. */

import { capital } from "../parts/sentence";

/** One fact; `key` is a dotted path, empty for a bare value. */
export interface Fact {
  key: string;
  text: string;
}

/** Every leaf of a value, in its own order; an empty list or object is a leaf. */
export function facts(value: unknown, path = ""): Fact[] {
  if (Array.isArray(value) && value.length > 0) {
    if (value.every((item) => !isBranch(item)))
      return [{ key: path, text: value.map(plain).join(", ") }];
    return value.flatMap((item, index) => facts(item, joined(path, String(index + 1))));
  }
  if (isObject(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, item]) => facts(item, joined(path, key)));
  }
  return [{ key: path, text: plain(value) }];
}

/** A path as people read it: "items.1.unit_price" gives "Items 1, unit price". */
export function label(path: string): string {
  const words = path.replaceAll("_", " ").replace(/\.(\d+)/g, " $1").replaceAll(".", ", ");
  return capital(words || "result");
}

/** A leaf as text; a string is shown as it is. */
export function plain(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value) || isObject(value)) return Array.isArray(value) ? "none" : "{}";
  return String(value);
}

/** A value exactly as it will be sent: strings in quotes, lists and objects as JSON. */
export function exact(value: unknown): string {
  return typeof value === "object" && value !== null
    ? JSON.stringify(value, null, 2)
    : JSON.stringify(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isBranch(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function joined(path: string, key: string): string {
  return path ? `${path}.${key}` : key;
}

/** Whether a value holds a whole number too long for a browser to read exactly. */
export function isRounded(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value);
  return isBranch(value) && Object.values(value as object).some(isRounded);
}
