import { LOCALES } from '../../words/locale.js';

const DAY = new Intl.DateTimeFormat(LOCALES, { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** "12 Nov" of "2026-11-12T00:00:00.000Z", a day of UTC wherever the viewer is; as the browser's language writes it. */
export function dayName(from: string): string {
  return DAY.format(Date.parse(from));
}
