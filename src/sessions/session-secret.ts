import { hash, randomBytes } from 'node:crypto';

const FORM = /^[A-Za-z0-9_-]{43}$/;

/** What the cookie of a session holds: 256 random bits, base64url. */
export function makeSessionSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of it. Looked up by an index, so that nothing needs comparing. */
export function digestOf(secret: string): string {
  return hash('sha256', secret);
}

/** False for what can't be one, and need not be looked up. */
export function isSessionSecret(text: string): boolean {
  return FORM.test(text);
}

/** For the first log-in: 100 random bits in letters and digits that nobody mistakes for others, as in `abcd-efgh-…`. */
export function makeOneTimePassword(): string {
  const letters = Array.from(randomBytes(20), (byte) => 'abcdefghjkmnpqrstuvwxyz23456789x'[byte % 32]!);
  return letters.join('').replace(/.{4}(?=.)/g, '$&-');
}
