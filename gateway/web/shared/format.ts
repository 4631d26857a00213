/** Money and times as people read them, in the browser's own language. */
import type { Instant, Money } from "./wire";

/** An amount with its currency: `{minor: 4999, currency: "USD"}` gives "$49.99". */
export function formatMoney(money: Money, locale?: string): string {
  try {
    const format = new Intl.NumberFormat(locale, { style: "currency", currency: money.currency });
    return format.format(money.minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
  } catch {
    return `${money.minor} ${money.currency}`; // a currency code that no browser knows
  }
}

/** The time of day of an instant, as "14:02". */
export function formatTime(at: Instant, locale?: string): string {
  return format(at, locale, { hour: "numeric", minute: "2-digit" });
}

/** A time of day, with the date before it when it is not today's. */
export function formatMoment(at: Instant, now_ms = Date.now(), locale?: string): string {
  if (sameDay(new Date(at), new Date(now_ms))) return formatTime(at, locale);
  return format(at, locale, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
}

/** A span of waiting in minutes and seconds, as "1:36", or with hours, as "2:05:09". */
export function formatSpan(span_s: number): string {
  const whole_s = Math.max(0, Math.floor(span_s));
  const parts = [Math.floor(whole_s / 3600), Math.floor(whole_s / 60) % 60, whole_s % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown
    .map((part, index) => (index === 0 ? `${part}` : `${part}`.padStart(2, "0")))
    .join(":");
}

function format(
  at: Instant,
  locale: string | undefined,
  options: Intl.DateTimeFormatOptions,
): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "" : new Intl.DateTimeFormat(locale, options).format(date);
}

function sameDay(a: Date, b: Date): boolean {
  return a.toDateString() === b.toDateString();
}
