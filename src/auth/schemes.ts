import type { Principal } from '../users/principal.js';

/** A way to prove oneself by the Authorization header, as far as memory can judge it. */
export interface Scheme {
  /** The caller, if memory knows; no query and no promise. Undefined or null: ask the strategy. */
  recall(header: string): Principal | null | undefined;
}

/** The strategies that can answer from memory, by name; one for each in a process, as in Passport's own registry. */
export const schemes = new Map<string, Scheme>();

/** The caller that memory knows by that header. */
export function recall(header: string): Principal | null | undefined {
  for (const scheme of schemes.values()) {
    const principal = scheme.recall(header);
    if (principal) return principal;
  }
  return undefined;
}
