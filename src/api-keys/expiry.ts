import { invalid } from '../latchkey.error.js';

const A_TIME = 'A time is written in ISO 8601 with a zone, as in 2027-01-31T00:00:00Z.';
const ISO_8601 = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/**
 * The time that a text names: ISO 8601 with a zone, as in `2027-01-31T00:00:00Z`.
 * @param message the sentence for any other text.
 * @throws LatchkeyError `validation_failed` on `expiresAt` for any other text.
 */
export function parseExpiry(text: string, message = A_TIME): Date {
  const time = new Date(text);
  const day = ISO_8601.exec(text)?.[1];
  // Date turns the 30th of February into the 2nd of March.
  const isDay = day !== undefined && !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day);
  if (!isDay || Number.isNaN(time.getTime())) {
    throw invalid('expiresAt', 'not_a_time', message);
  }
  return time;
}

/** @throws LatchkeyError `validation_failed` when that time is not in the future. */
export function requireFuture(expiresAt: Date | undefined): void {
  if (expiresAt !== undefined && !(expiresAt.getTime() > Date.now())) {
    throw invalid('expiresAt', 'in_the_past', 'A secret can only expire in the future.');
  }
}
