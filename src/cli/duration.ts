import { parseExpiry } from '../api-keys/expiry.js';
import type { RateLimit } from '../users/rate-limits.js';
import { invalid } from '../latchkey.error.js';

const END = 'An end is a time in ISO 8601 with a zone, as in 2027-01-31T00:00:00Z, a duration as in 90d, or never.';
const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 };

/** The seconds of a text such as `90s`, `15m`, `12h` or `7d`; undefined for another text. */
function secondsOf(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * SECONDS[unit as keyof typeof SECONDS];
}

/** @throws LatchkeyError `validation_failed` on `overlapSeconds`. */
export function parseOverlap(text: string): number {
  const seconds = secondsOf(text);
  if (seconds === undefined) {
    throw invalid('overlapSeconds', 'not_a_duration', 'An overlap is written as in 90s, 15m, 12h or 7d.');
  }
  return seconds;
}

/** A limit, as in `100/60s`. @throws LatchkeyError `validation_failed` on `limits`. */
export function parseLimit(text: string): RateLimit {
  const [, requests, window = ''] = /^(\d{1,10})\/(.+)$/.exec(text) ?? [];
  const seconds = secondsOf(window);
  if (requests === undefined || seconds === undefined) {
    throw invalid('limits', 'bad_limit', 'A limit is written as in 100/60s, 1000/1h or 100000/1d.');
  }
  return { requests: Number(requests), seconds };
}

/** The end of a secret: a time, a duration from now, or `never`. @throws LatchkeyError `validation_failed` on `expiresAt`. */
export function parseEnd(text: string): Date | null {
  if (text === 'never') return null;
  const seconds = secondsOf(text);
  return seconds === undefined ? parseExpiry(text, END) : new Date(Date.now() + 1000 * seconds);
}

/** A time, or how long ago it was. @throws LatchkeyError `validation_failed` on that field. */
export function parseTime(field: string, text: string): Date {
  const seconds = secondsOf(text);
  if (seconds !== undefined) return new Date(Date.now() - 1000 * seconds);
  try {
    return parseExpiry(text);
  } catch {
    const message = `--${field} takes a time in ISO 8601 with a zone, as in 2026-11-30T00:00:00Z, or how long ago, as in 7d.`;
    throw invalid(field, 'not_a_time', message);
  }
}
