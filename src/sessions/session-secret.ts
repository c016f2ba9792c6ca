import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';

const FORM = /^[A-Za-z0-9_-]{43}$/;

/** The value of a session's cookie: 256 random bits, base64url. */
export function makeSessionSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of it. A session is found by an index, so no comparison is needed. */
export function digestOf(secret: string): string {
  return hash('sha256', secret);
}

/** False for a text that can't be a session's secret, and need not be looked up. */
export function isSessionSecret(text: string): boolean {
  return FORM.test(text);
}

/** Identifies a browser that has logged in before; for a cookie. */
export interface Device {
  readonly value: string;
  readonly expiresAt: Date;
}

const DEVICE_FORM = /^(\d{1,14})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;
const DEVICE_MS = 365 * 24 * 60 * 60 * 1000;

/**
 * `<issued>.<nonce>.<HMAC>` (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). Nothing of it is stored.
 * The key of the HMAC is the hash of the password, so it ends with that password; the salt in the hash keeps it from
 * being used to test guesses.
 */
export function makeDevice(userId: string, passwordHash: string): Device {
  const issued = Date.now();
  const nonce = randomBytes(16).toString('base64url');
  const signature = signatureOf(userId, passwordHash, `${issued}.${nonce}`).toString('base64url');
  return { value: `${issued}.${nonce}.${signature}`, expiresAt: new Date(issued + DEVICE_MS) };
}

/** The claim in the value of such a cookie; undefined for a text that can't be one, and need not be looked up. */
export function deviceIn(value: string) {
  const [, issued, nonce, signature] = DEVICE_FORM.exec(value) ?? [];
  if (issued === undefined || nonce === undefined || Number(issued) + DEVICE_MS <= Date.now()) return undefined;
  return {
    nonce,
    /** Whether it was made for that user, with that password. Takes as long when there is no password. */
    isOf: (userId: string, passwordHash: string | null): boolean => {
      const right = signatureOf(userId, passwordHash ?? '', `${issued}.${nonce}`);
      return timingSafeEqual(right, Buffer.from(signature!, 'base64url')) && passwordHash !== null;
    },
  };
}

function signatureOf(userId: string, passwordHash: string, claim: string): Buffer {
  return createHmac('sha256', passwordHash).update(`device ${userId} ${claim}`).digest();
}

/** For the first log-in: 100 random bits, in letters and digits that are not mistaken for others, as in `abcd-efgh-…`. */
export function makeOneTimePassword(): string {
  const letters = Array.from(randomBytes(20), (byte) => 'abcdefghjkmnpqrstuvwxyz23456789x'[byte % 32]!);
  return letters.join('').replace(/.{4}(?=.)/g, '$&-');
}
