import type { Principal } from '../users/principal.js';
import type { HttpRequest } from './http.js';

/** A way to prove oneself by the Authorization header, as far as memory can judge it. */
export interface Scheme {
  /**
   * The caller, if memory knows; null when it knows that the secret is wrong. No query and no promise. Undefined: ask the
   * strategy.
   */
  recall(header: string, request: HttpRequest): Principal | null | undefined;
}

/** The strategies that can answer from memory, by name; one for each in a process, as in Passport's own registry. */
export const schemes = new Map<string, Scheme>();

/** What memory says of the caller with that header, as `Scheme.recall` does. */
export function recall(header: string, request: HttpRequest): Principal | null | undefined {
  for (const scheme of schemes.values()) {
    const principal = scheme.recall(header, request);
    if (principal !== undefined) return principal;
  }
  return undefined;
}
