import type { IncomingHttpHeaders } from 'node:http';
import { LatchkeyError } from '../latchkey.error.js';

/** The same for an unknown key, a wrong secret, a revoked or expired one, a disabled user: nothing of what is stored. */
export const BAD_CREDENTIALS = 'The API key or the API secret is not valid.';

export function unauthenticated(detail: string): LatchkeyError {
  return new LatchkeyError('unauthenticated', detail);
}

/**
 * The value of WWW-Authenticate for a 401. A browser that is offered Basic opens its own log-in box and then sends what
 * was typed there by itself, so it is not offered any.
 */
export function challengeFor(headers: IncomingHttpHeaders): string {
  const browser =
    headers['sec-fetch-mode'] !== undefined ||
    headers.origin !== undefined ||
    headers['x-requested-with'] !== undefined ||
    (headers.accept?.toLowerCase().includes('text/html') ?? false);
  return browser ? 'token realm="latchkey"' : 'token realm="latchkey", Basic realm="latchkey", charset="UTF-8"';
}
