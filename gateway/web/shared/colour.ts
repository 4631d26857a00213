/** A brand colour made legible: what stands on it, and a shade of it that shows on a ground. */

/** Red, green, blue from 0 to 255. */
type Rgb = readonly [number, number, number];

const INK: Rgb = [20, 21, 19];
const PAPER: Rgb = [255, 255, 255];

/** A colour and the text colour that reads on it (WCAG 4.5:1). */
export interface Brand {
  readonly ground: string;
  readonly text: string;
}

/**
 * Fit `colour` ("#rgb" or "#rrggbb") to a `surface` of the same notation: it is moved towards
 * ink or paper until it stands out (3:1) and text reads on it. Null when it is no such colour.
 */
export function fitBrand(colour: string, surface: string): Brand | null {
  const start = parse(colour);
  const behind = parse(surface);
  if (start === null || behind === null) return null;
  const towards = luminance(behind) > 0.18 ? INK : PAPER;
  for (let share = 0; share <= 1; share += 0.05) {
    const ground = mix(start, towards, share);
    const text = contrast(ground, PAPER) >= 4.5 ? PAPER : INK;
    if (contrast(ground, behind) >= 3 && contrast(ground, text) >= 4.5) {
      return { ground: hex(ground), text: hex(text) };
    }
  }
  return { ground: hex(towards), text: hex(towards === INK ? PAPER : INK) };
}

/** The WCAG contrast of two "#rrggbb" colours, from 1 to 21. */
export function contrastOf(a: string, b: string): number {
  const [first, second] = [parse(a), parse(b)];
  return first && second ? contrast(first, second) : 1;
}

function parse(colour: string): Rgb | null {
  const digits = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(colour.trim())?.[1];
  if (digits === undefined) return null;
  const full = digits.length === 3 ? digits.replace(/./g, "$&$&") : digits;
  const channel = (start: number): number => parseInt(full.slice(start, start + 2), 16);
  return [channel(0), channel(2), channel(4)];
}

function hex(colour: Rgb): string {
  return `#${colour.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const at = (index: 0 | 1 | 2): number => Math.round(a[index] * (1 - share) + b[index] * share);
  return [at(0), at(1), at(2)];
}

function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** Relative luminance, as WCAG 2.2 defines it. */
function luminance(colour: Rgb): number {
  const linear = colour.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}
