import { LANGUAGE, words } from '../words/index.js';
import { LOCALES } from '../words/locale.js';

const MINUTE = 60_000;
const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', MINUTE],
];
const LENGTHS = UNITS.map(
  ([unit, length]) => [new Intl.NumberFormat(LANGUAGE, { style: 'unit', unit, unitDisplay: 'long' }), length] as const,
);
const RELATIVE = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'auto' });
const SHORT = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'auto', style: 'short' });
const DAY = new Intl.DateTimeFormat(LOCALES, { dateStyle: 'medium' });
const DATE = new Intl.DateTimeFormat(LOCALES, { dateStyle: 'medium', timeStyle: 'short' });

/** "just now", "3 minutes ago", "yesterday", "97 days ago", "in 5 days"; both in milliseconds. It stands in sentences: in their language. `short`: "3 min. ago". */
export function relativeTime(at: number, now: number, short = false): string {
  for (const [unit, length] of UNITS) {
    if (Math.abs(at - now) >= length) return (short ? SHORT : RELATIVE).format(Math.trunc((at - now) / length), unit);
  }
  return at > now ? words.ui.soon : words.ui.justNow;
}

/** `useNow` may be a minute old. */
export function hasHappened(at: number): boolean {
  return at <= Date.now();
}

/** "7 days left", "6 days 23 hours left"; both in milliseconds. */
export function timeLeft(at: number, now: number): string {
  return words.ui.left(lengthOfTime(at - now));
}

/** "30 days", "23 hours 59 minutes": the two largest units, to the minute, at least one. */
export function lengthOfTime(milliseconds: number): string {
  let rest = Math.max(1, Math.round(milliseconds / MINUTE)) * MINUTE;
  const parts = LENGTHS.map(([format, length]) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    return { count, text: format.format(count) };
  });
  const first = parts.findIndex(({ count }) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(({ count }) => count > 0)
    .map(({ text }) => text)
    .join(' ');
}

/** "12 Nov 2026, 09:30" where the viewer is, as the browser's language writes it. */
export function localTime(at: number): string {
  return DATE.format(at);
}

/** The same of an end: "end of 11 Nov 2026" for the midnight after that day. */
export function endTime(at: number): string {
  const [hours, minutes] = [new Date(at).getHours(), new Date(at).getMinutes()];
  return hours === 0 && minutes === 0 ? words.ui.endOf(DAY.format(at - 1)) : localTime(at);
}

/** "2026-11-12 09:30:05 UTC". */
export function exactTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
