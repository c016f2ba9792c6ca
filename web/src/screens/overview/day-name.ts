import { LOCALES } from '../../words/locale.js';

const DAY = new Intl.DateTimeFormat(LOCALES, { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** "12 Nov" of "2026-11-12", which is a day of UTC and stays that day where the viewer is; as the browser's language writes it. */
export function dayName(date: string): string {
  return DAY.format(Date.parse(date));
}
