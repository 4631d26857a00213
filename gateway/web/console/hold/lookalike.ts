/** Finds letters that pose as others: foreign scripts inside a Latin word, and signs nobody sees. */

/** A piece of a text; `odd` names what is wrong with it. */
export interface Piece {
  text: string;
  odd: string | null;
}

const LATIN = /\p{Script=Latin}/u;
const FOREIGN: readonly (readonly [string, RegExp])[] = [
  ["Cyrillic", /\p{Script=Cyrillic}/u],
  ["Greek", /\p{Script=Greek}/u],
  ["Armenian", /\p{Script=Armenian}/u],
  ["Cherokee", /\p{Script=Cherokee}/u],
  ["fullwidth", /[\uFF01-\uFF5E]/u],
];
const UNSEEN = /[\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF]/u;
const WORD = /[\p{Letter}\p{Mark}]+|[^\p{Letter}\p{Mark}]+/gu;

/** Split a text into plain and odd pieces; joined they are the text. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  for (const [word] of text.matchAll(WORD)) {
    const mixed = LATIN.test(word);
    for (const sign of word) add(found, sign, oddness(sign, mixed));
  }
  return found;
}

/** What is odd in a text, each once: "Cyrillic а (U+0430)". */
export function oddities(text: string): string[] {
  return [...new Set(pieces(text).flatMap((piece) => piece.odd ?? []))];
}

function oddness(sign: string, mixed: boolean): string | null {
  if (UNSEEN.test(sign)) return `invisible sign (${codePoint(sign)})`;
  if (!mixed) return null;
  const script = FOREIGN.find(([, pattern]) => pattern.test(sign))?.[0];
  return script ? `${script} ${sign} (${codePoint(sign)})` : null;
}

function codePoint(sign: string): string {
  return `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

function add(found: Piece[], sign: string, odd: string | null): void {
  const last = found.at(-1);
  if (last && odd === null && last.odd === null) last.text += sign;
  else found.push({ text: sign, odd });
}
