import { LatchkeyError } from '../latchkey.error.js';

/**
 * Checks the roles of `@Roles(…)`: any of these is enough; with none, nothing is checked.
 * @param principal what a guard has proved; that of another strategy (a host's JWT) may have no roles at all.
 * @throws LatchkeyError `forbidden`.
 */
export function refuseWithoutRole(principal: unknown, roles: readonly string[]): void {
  if (roles.length === 0) return;
  if (!principal) throw unproved();
  const held = (principal as { roles?: readonly string[] }).roles;
  if (roles.some((role) => held?.includes(role))) return;
  throw new LatchkeyError('forbidden', `This needs the role ${roles.map((role) => `"${role}"`).join(' or ')}.`);
}

export function unproved(): LatchkeyError {
  return new LatchkeyError('forbidden', 'This needs a caller who has proved who it is.');
}
