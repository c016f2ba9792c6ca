import type { IncomingHttpHeaders } from 'node:http';
import { LatchkeyError } from '../latchkey.error.js';

/**
 * Refuses a request that another site made a browser send. For every call that changes something, also log-in and
 * log-out. Scheme `token` is exempt: no browser sends it by itself, while it sends cookies and Basic with every
 * request. By `Sec-Fetch-Site`, browsers say where a request comes from; but not over plain http on a name that they do
 * not trust, and older browsers never do. There `Origin` decides, which browsers send with every method except GET: a
 * browser without it is refused. A client that is not a browser sends neither. docs/security.md says what that leaves
 * to DNS rebinding.
 * @param publicUrl the origin that users see, as in `https://keys.example.com`; undefined for whichever host and port
 * the request names itself.
 * @throws LatchkeyError `cross_site`.
 */
export function refuseForgery(headers: IncomingHttpHeaders, publicUrl: string | undefined): void {
  if (isTokenScheme(headers)) return;
  const { origin, host, 'sec-fetch-site': site } = headers;
  if (site === 'same-origin' || site === 'none') return;
  if (site === undefined) {
    const passes = origin === undefined ? !isBrowser(headers) : allowedOrigins(publicUrl, host).includes(origin);
    if (passes) return;
  }
  throw new LatchkeyError('cross_site', `A page of another site may not make this change.${remedy(origin, site)}`);
}

/** True when the request carries scheme `token`, which no browser sends by itself. */
export function isTokenScheme(headers: IncomingHttpHeaders): boolean {
  return /^token /i.test(headers.authorization ?? '');
}

/**
 * The User-Agent of every browser begins so (HTML, "navigator.appCodeName"), and no page can change it in a simple
 * request.
 */
function isBrowser(headers: IncomingHttpHeaders): boolean {
  return headers['user-agent']?.startsWith('Mozilla/') ?? false;
}

/** Without `publicUrl`, http and https of that host: whether a proxy in front speaks TLS is not known here. */
function allowedOrigins(publicUrl: string | undefined, host = ''): (string | undefined)[] {
  return publicUrl === undefined ? [originOf(`http://${host}`), originOf(`https://${host}`)] : [originOf(publicUrl)];
}

/** The origin as a browser writes it: without the default port. Undefined when it is not a web page's. */
function originOf(url: string): string | undefined {
  return /^https?:/.test(url) && URL.canParse(url) ? new URL(url).origin : undefined;
}

/** What the request said of its origin, and what would allow it. */
function remedy(origin: string | undefined, site: string | undefined): string {
  if (origin === undefined) return site === undefined ? ' Your browser does not say where it came from.' : '';
  // Longer than a host name can be (RFC 1035): nobody makes us repeat kilobytes.
  if (origin.length > 280 || originOf(origin) !== origin) return ' Its Origin is not the address of a web page.';
  if (site !== undefined) return ` It came from ${origin}, which the browser says is not this site.`;
  return ` It came from ${origin}; if that is where users open Latchkey, set PUBLIC_URL=${origin}`;
}
