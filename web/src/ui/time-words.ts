import { LANGUAGE, words } from '../words/index.js';
import { LOCALES } from '../words/locale.js';

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];
const RELATIVE = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'auto' });
const DATE = new Intl.DateTimeFormat(LOCALES, { dateStyle: 'medium', timeStyle: 'short' });

/** "just now", "3 minutes ago", "yesterday", "97 days ago", "in 5 days"; both in milliseconds. It stands in sentences: in their language. */
export function relativeTime(at: number, now: number): string {
  for (const [unit, length] of UNITS) {
    if (Math.abs(at - now) >= length) return RELATIVE.format(Math.trunc((at - now) / length), unit);
  }
  return at > now ? words.ui.soon : words.ui.justNow;
}

/** "12 Nov 2026, 09:30" where the viewer is, as the browser's language writes it. */
export function localTime(at: number): string {
  return DATE.format(at);
}

/** "2026-11-12 09:30:05 UTC". */
export function exactTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
