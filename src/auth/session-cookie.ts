import type { IncomingHttpHeaders } from 'node:http';
import { stringifySetCookie } from 'cookie';

const NAME = 'sid';

/**
 * The secret of the session that a request brings; undefined when there is none. Two of them have no meaning: another
 * host of the same domain can add a cookie, but not take one away.
 */
export function sessionSecretOf({ cookie }: IncomingHttpHeaders): string | undefined {
  if (cookie === undefined) return undefined;
  const values = cookie.split(';').flatMap((pair) => {
    const [name, value] = pair.split(/=(.*)/s);
    return name!.trim() === NAME ? [value?.trim() ?? ''] : [];
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

  /** For the session's secret, which no script may read. */
  session(secret: string, expiresAt: Date): string {
    return this.make(NAME, secret, expiresAt, true);
  }

  /** Makes a browser forget the session. */
  noSession(): string {
    return this.make(NAME, '', new Date(0), true);
  }

  /** For what scripts of Frappe's clients read. */
  readable(name: string, value: string, expiresAt: Date): string {
    return this.make(name, value, expiresAt, false);
  }

  private make(name: string, value: string, expires: Date, httpOnly: boolean): string {
    return stringifySetCookie({ name, value, expires, httpOnly, path: '/', sameSite: 'lax', secure: this.secure });
  }
}
