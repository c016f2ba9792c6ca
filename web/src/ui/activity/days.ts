import type { AuditRecord } from '../../api.js';
import { activityWords } from '../../words/activity.js';
import { LOCALES } from '../../words/locale.js';

const DAY = new Intl.DateTimeFormat(LOCALES, { dateStyle: 'full' });
const CLOCK = new Intl.DateTimeFormat(LOCALES, { timeStyle: 'short' });

/** Rows that stand next to each other and are of one day where the viewer is. */
export function byDay(records: readonly AuditRecord[]): { day: number; records: AuditRecord[] }[] {
  const days: { day: number; records: AuditRecord[] }[] = [];
  for (const record of records) {
    const day = new Date(record.at).setHours(0, 0, 0, 0);
    const last = days.at(-1);
    if (last?.day === day) last.records.push(record);
    else days.push({ day, records: [record] });
  }
  return days;
}

/** "Today", "Yesterday", "Tuesday 24 November 2026", as the browser's language writes it. */
export function dayName(day: number, now: number): string {
  const ago = (days: number) => {
    const midnight = new Date(now);
    midnight.setHours(0, 0, 0, 0);
    return midnight.setDate(midnight.getDate() - days);
  };
  if (day === ago(0)) return activityWords.today;
  return day === ago(1) ? activityWords.yesterday : DAY.format(day);
}

/** "09:30" */
export function clock(at: string): string {
  return CLOCK.format(Date.parse(at));
}
