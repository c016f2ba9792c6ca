import type { IncomingHttpHeaders } from 'node:http';
import { stringifySetCookie } from 'cookie';
import type { NewSession } from '../sessions/sessions.service.js';

const SESSION = 'sid';
const DEVICE = 'device';

/** The secret of a session, in the cookies of a request; undefined when there is none. */
export function sessionSecretOf(headers: IncomingHttpHeaders): string | undefined {
  return cookieOf(headers, SESSION);
}

/** The device cookie of an earlier log-in; undefined when there is none. */
export function deviceOf(headers: IncomingHttpHeaders): string | undefined {
  return cookieOf(headers, DEVICE);
}

/** Two cookies of one name are ignored: another host of the same domain can add a cookie, but not remove one. */
function cookieOf({ cookie }: IncomingHttpHeaders, wanted: string): string | undefined {
  if (cookie === undefined) return undefined;
  const values = cookie.split(';').flatMap((pair) => {
    const [name, value] = pair.split(/=(.*)/s);
    return name!.trim() === wanted ? [value?.trim() ?? ''] : [];
  });
  return values.length === 1 && values[0] !== '' ? values[0] : undefined;
}

/** Set-Cookie of sessions (RFC 6265bis). */
export class SessionCookies {
  private readonly secure: boolean;

  /** @param publicUrl the origin that users see. When it is https, the cookies are sent over https only. */
  constructor(publicUrl: string | undefined) {
    this.secure = publicUrl?.startsWith('https:') ?? false;
  }

  /**
   * The cookies of a log-in, which no script can read: the session's secret, and the device cookie for the next log-in.
   */
  loggedIn({ secret, expiresAt, device }: NewSession): string[] {
    return [this.make(SESSION, secret, expiresAt, true), this.make(DEVICE, device.value, device.expiresAt, true)];
  }

  /** Makes a browser delete the session's cookie. It keeps the device cookie. */
  noSession(): string {
    return this.make(SESSION, '', new Date(0), true);
  }

  /** For cookies that scripts of Frappe's clients read. */
  readable(name: string, value: string, expiresAt: Date): string {
    return this.make(name, value, expiresAt, false);
  }

  private make(name: string, value: string, expires: Date, httpOnly: boolean): string {
    return stringifySetCookie({ name, value, expires, httpOnly, path: '/', sameSite: 'lax', secure: this.secure });
  }
}
