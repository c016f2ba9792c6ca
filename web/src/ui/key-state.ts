import type { Secret } from '../api.js';

/** Of a secret, or of the one that the summary of a key shows. */
type Judged = Pick<Secret, 'state' | 'expiresAt' | 'lastUsedAt'>;

export type KeyState = 'live' | 'never-used' | 'dormant' | 'retiring' | 'revoked' | 'expired' | 'none';

const DORMANT_MS = 90 * 86_400_000;

/** What a person should see of a key or a secret at that moment (milliseconds); null: there is none. */
export function keyState(key: Judged | null, now: number): KeyState {
  if (key === null) return 'none';
  if (key.state === 'revoked' || key.state === 'expired') return key.state;
  // The server has said so a while ago.
  if (key.expiresAt !== null && Date.parse(key.expiresAt) <= now) return 'expired';
  if (key.state === 'retiring') return 'retiring';
  if (key.lastUsedAt === null) return 'never-used';
  return now - Date.parse(key.lastUsedAt) > DORMANT_MS ? 'dormant' : 'live';
}

/** Whether it lets somebody in: it is live or retiring. */
export function isGood(secret: Judged, now: number): boolean {
  const state = keyState(secret, now);
  return state !== 'revoked' && state !== 'expired';
}

/** Whether it is good, and no other one has taken its place. */
export function isCurrent(secret: Judged, now: number): boolean {
  return isGood(secret, now) && secret.state === 'live';
}
