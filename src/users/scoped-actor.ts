import { LatchkeyError } from '../latchkey.error.js';
import { type Actor, OPERATOR, SYSTEM_MANAGER } from './principal.js';
import { hasScope } from './scopes.js';

// What nobody gets by a secret with scopes, since it would open more than those. That of secrets is in api-keys/ladder.ts.

/** @throws LatchkeyError `forbidden`: a password opens a session, which has no scopes. */
export function refuseScoped(actor: Actor): void {
  if (actor === OPERATOR || actor.credential.scopes === null) return;
  throw new LatchkeyError('forbidden', 'A secret with scopes sets no password: log in, or take one without scopes.');
}

/**
 * @param given roles that somebody gets or loses.
 * @throws LatchkeyError `forbidden` without the scope `roles:write`, and always for the role System Manager.
 */
export function requireRoleScope(
  actor: Actor,
  { given, taken }: { given: readonly string[]; taken: readonly string[] },
): void {
  if (actor === OPERATOR || actor.credential.scopes === null || given.length + taken.length === 0) return;
  if (!hasScope(actor, 'roles:write')) {
    throw new LatchkeyError('forbidden', 'To give or take roles, this needs a secret with the scope "roles:write".');
  }
  if (given.includes(SYSTEM_MANAGER)) {
    throw new LatchkeyError('forbidden', `A secret with scopes can't give the role "${SYSTEM_MANAGER}".`);
  }
}
