const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** "just now", "3 minutes ago", "yesterday", "97 days ago", "in 5 days"; both in milliseconds. */
export function relativeTime(at: number, now: number): string {
  for (const [unit, length] of UNITS) {
    if (Math.abs(at - now) >= length) return RELATIVE.format(Math.trunc((at - now) / length), unit);
  }
  return at > now ? 'in a moment' : 'just now';
}

/** "12 Nov 2026, 09:30" where the viewer is. */
export function localTime(at: number): string {
  return `${DATE.format(at)}, ${CLOCK.format(at)}`;
}

/** "2026-11-12 09:30:05 UTC". */
export function exactTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
