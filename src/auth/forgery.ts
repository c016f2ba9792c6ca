import type { IncomingHttpHeaders } from 'node:http';
import { LatchkeyError } from '../latchkey.error.js';

/**
 * Refuses what another site made a browser send. For every call that changes something, log-in and log-out too. Scheme
 * `token` is exempt: no browser sends it by itself, while cookies and Basic go with every request once the browser has
 * them. Browsers say by `Sec-Fetch-Site` where a request comes from; older ones at least send `Origin` with a change.
 * @param publicUrl the origin that users see, as in `https://keys.example.com`.
 * @throws LatchkeyError `cross_site`.
 */
export function refuseForgery(headers: IncomingHttpHeaders, publicUrl: string): void {
  if (isTokenScheme(headers)) return;
  const site = headers['sec-fetch-site'];
  const passes =
    site === undefined
      ? headers.origin === undefined || headers.origin === new URL(publicUrl).origin
      : site === 'same-origin' || site === 'none';
  if (!passes) throw new LatchkeyError('cross_site', 'A page of another site may not make this change.');
}

/** True when the request carries scheme `token`, which no browser sends by itself. */
export function isTokenScheme(headers: IncomingHttpHeaders): boolean {
  return /^token /i.test(headers.authorization ?? '');
}
