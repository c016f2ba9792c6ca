const HOUR = 3600;
const DAY = 24 * HOUR;

/** For how long an old secret may go on working, in seconds. */
export const SPANS = { hour: HOUR, day: DAY, week: 7 * DAY, month: 30 * DAY };
