import type { Secret } from '../api.js';
import { words } from '../words/index.js';

export type RateLimit = NonNullable<Secret['limits']>[number];

/** In seconds, the shortest first. */
export const UNITS = { second: 1, minute: 60, hour: 3600, day: 86_400 };
export type Unit = keyof typeof UNITS;

export const UNIT_NAMES = Object.keys(UNITS) as Unit[];

/** A window in the largest unit that it is a whole number of. */
export function windowOf(seconds: number): { length: number; unit: Unit } {
  const unit = UNIT_NAMES.findLast((one) => seconds % UNITS[one] === 0) ?? 'second';
  return { length: seconds / UNITS[unit], unit };
}

/** "100 a minute, 100,000 a day". */
export function limitsInWords(limits: readonly RateLimit[]): string {
  return limits
    .map(({ requests, seconds }) => {
      const { length, unit } = windowOf(seconds);
      return words.secrets.limit(requests, length, unit);
    })
    .join(', ');
}
