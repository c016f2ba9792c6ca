import type { IncomingHttpHeaders } from 'node:http';
import { stringifySetCookie } from 'cookie';
import type { NewSession } from '../sessions/sessions.service.js';

const SESSION = 'sid';
const DEVICE = 'device';

/** The secret of the session that a request brings; undefined when there is none. */
export function sessionSecretOf(headers: IncomingHttpHeaders): string | undefined {
  return cookieOf(headers, SESSION);
}

/** What a request brings of an earlier log-in's device cookie; undefined when there is none. */
export function deviceOf(headers: IncomingHttpHeaders): string | undefined {
  return cookieOf(headers, DEVICE);
}

/** Two of one name have no meaning: another host of the same domain can add a cookie, but not take one away. */
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

  /** @param publicUrl the origin that users see: over https, the cookies go nowhere else. */
  constructor(publicUrl: string | undefined) {
    this.secure = publicUrl?.startsWith('https:') ?? false;
  }

  /** Of a log-in, and read by no script: the session's secret, and what the browser is known by at the next log-in. */
  loggedIn({ secret, expiresAt, device }: NewSession): string[] {
    return [this.make(SESSION, secret, expiresAt, true), this.make(DEVICE, device.value, device.expiresAt, true)];
  }

  /** Makes a browser forget the session. It stays known. */
  noSession(): string {
    return this.make(SESSION, '', new Date(0), true);
  }

  /** For what scripts of Frappe's clients read. */
  readable(name: string, value: string, expiresAt: Date): string {
    return this.make(name, value, expiresAt, false);
  }

  private make(name: string, value: string, expires: Date, httpOnly: boolean): string {
    return stringifySetCookie({ name, value, expires, httpOnly, path: '/', sameSite: 'lax', secure: this.secure });
  }
}
