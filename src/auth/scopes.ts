import type { ExecutionContext } from '@nestjs/common';
import { InsufficientScope } from '../latchkey.error.js';
import { hasScope } from '../users/scopes.js';
import { publishRefusal } from '../verification/verification-events.js';
import type { NeededScopes } from './decorators.js';

/** Whether a secret has scopes, and none of those that a route needs. */
export function lacksScope(principal: unknown, needed: NeededScopes): boolean {
  const { credential } = (principal ?? {}) as { credential?: { scopes?: readonly string[] | null } };
  if (!credential?.scopes || needed === 'any') return false;
  return !needed.some((scope) => hasScope(principal as never, scope));
}

/**
 * Checks what `@Scopes(…)` needs, of a secret that has scopes; whoever has none passes.
 * @param principal what a guard has proved; that of another strategy (a host's JWT) has no scopes of ours.
 * @throws InsufficientScope
 */
export function refuseWithoutScope(principal: unknown, needed: NeededScopes): void {
  if (needed === 'any' || !lacksScope(principal, needed)) return;
  publishRefusal('scope');
  throw new InsufficientScope(
    needed.length === 0
      ? 'This is closed to secrets with scopes.'
      : `This needs a secret with the scope ${needed.map((scope) => `"${scope}"`).join(' or ')}.`,
    needed,
  );
}

/** The same for a guard: the answer also names the scopes in WWW-Authenticate. */
export function refuseOnRouteWithoutScope(context: ExecutionContext, principal: unknown, needed: NeededScopes): void {
  try {
    refuseWithoutScope(principal, needed);
  } catch (error) {
    if (error instanceof InsufficientScope && context.getType() === 'http') {
      context.switchToHttp().getResponse().header('WWW-Authenticate', scopeChallenge(error));
    }
    throw error;
  }
}

/** The value of WWW-Authenticate for such a refusal (RFC 6750, section 3). */
function scopeChallenge({ requiredScopes }: InsufficientScope): string {
  const scope = requiredScopes.length === 0 ? '' : `, scope="${requiredScopes.join(' ')}"`;
  return `token realm="latchkey", error="insufficient_scope"${scope}`;
}
