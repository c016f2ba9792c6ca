import { invalid } from '../latchkey.error.js';
import { isLonger } from '../users/user-name.js';

/** Characters. */
export const MIN_PASSWORD = 12;
export const MAX_PASSWORD = 512;

/** @throws LatchkeyError `validation_failed` on that field when nobody may choose this password. */
export function checkPassword(password: string, field = 'password'): void {
  if (isLonger(password, MIN_PASSWORD - 1) && !isLonger(password, MAX_PASSWORD)) return;
  throw invalid(field, 'bad_password', `A password has ${MIN_PASSWORD} to ${MAX_PASSWORD} characters.`);
}
