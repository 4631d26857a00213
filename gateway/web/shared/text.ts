/** Message text taken apart for display: paragraphs, and web addresses that may become links. */

/** A run of text; with `href` it is a link to an http or https address. */
export interface Run {
  readonly text: string;
  readonly href?: string;
}

/** The paragraphs of a message: blank lines part them, single line breaks stay inside. */
export function paragraphs(text: string): string[] {
  return text
    .replace(/\r\n?/g, "\n")
    .split(/\n[ \t]*\n\s*/)
    .map((paragraph) => paragraph.replace(/^\n+|\s+$/g, ""))
    .filter((paragraph) => paragraph.trim() !== "");
}

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`\u200b]+/gi;

/** Part a paragraph into plain runs and links; joined, the runs are the paragraph again. */
export function linkify(text: string): Run[] {
  const runs: Run[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimAddress(match[0]);
    const href = safeHref(address);
    if (href === null) continue;
    if (match.index > end) runs.push({ text: text.slice(end, match.index) });
    runs.push({ text: address, href });
    end = match.index + address.length;
  }
  if (end < text.length) runs.push({ text: text.slice(end) });
  return runs;
}

/** The address as a link target, or null when it is none we open (only http and https). */
export function safeHref(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const web = url.protocol === "http:" || url.protocol === "https:";
  return web && url.username === "" ? url.href : null; // user@host hides where a link leads
}

/** Punctuation that ends the sentence is not part of the address; a balanced bracket is. */
function trimAddress(address: string): string {
  let trimmed = address.replace(/[.,;:!?*_~]+$/, "");
  while (/[)\]}]$/.test(trimmed) && !balanced(trimmed))
    trimmed = trimmed.slice(0, -1).replace(/[.,;:!?]+$/, "");
  return trimmed;
}

function balanced(text: string): boolean {
  const count = (character: string): number => text.split(character).length;
  return count("(") === count(")") && count("[") === count("]") && count("{") === count("}");
}

/** How many Unicode code points a text has; the server's limits count these. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** One or two letters for a person's mark: "Mara Lindqvist" gives "ML". */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) =>
    firstLetter(word),
  );
  return letters.join("").toLocaleUpperCase();
}

function firstLetter(word: string | undefined): string {
  return word ? String.fromCodePoint(word.codePointAt(0) ?? 0) : "";
}
