import type { IncomingHttpHeaders } from 'node:http';
import { LatchkeyError } from '../latchkey.error.js';

export function unauthenticated(detail: string): LatchkeyError {
  return new LatchkeyError('unauthenticated', detail);
}

/**
 * The value of WWW-Authenticate for a 401. It offers Basic to no browser: a browser would open its own log-in box, and
 * from then on send by itself what was typed there.
 */
export function challengeFor(headers: IncomingHttpHeaders): string {
  const browser =
    headers['sec-fetch-mode'] !== undefined ||
    headers.origin !== undefined ||
    headers['x-requested-with'] !== undefined ||
    (headers.accept?.toLowerCase().includes('text/html') ?? false);
  return browser ? 'token realm="latchkey"' : 'token realm="latchkey", Basic realm="latchkey", charset="UTF-8"';
}
