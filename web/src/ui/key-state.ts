import type { components } from '../api.schema.js';

type KeySummary = components['schemas']['KeySummary'];
type ApiKey = components['schemas']['ApiKey'];

export type KeyState = 'live' | 'never-used' | 'dormant' | 'revoked' | 'expired' | 'none';

const DORMANT_MS = 90 * 86_400_000;

/** What a person should see of a key at that moment (milliseconds); null: there is none. */
export function keyState(key: KeySummary | null, now: number): KeyState {
  if (key === null) return 'none';
  if (key.state !== 'live') return key.state;
  // The server has said so a while ago.
  if (key.expiresAt !== null && Date.parse(key.expiresAt) <= now) return 'expired';
  if (key.lastUsedAt === null) return 'never-used';
  return now - Date.parse(key.lastUsedAt) > DORMANT_MS ? 'dormant' : 'live';
}

/** What the lists show of a key, of its newest secret. */
export function summaryOf({ apiKey, secrets, lastUsedAt: keyLastUsedAt }: ApiKey): KeySummary {
  const newest = secrets[0];
  const expired = newest?.expiresAt != null && Date.parse(newest.expiresAt) <= Date.now();
  return {
    apiKey,
    keyLastUsedAt,
    state: newest === undefined || newest.revokedAt !== null ? 'revoked' : expired ? 'expired' : 'live',
    hint: newest?.hint ?? null,
    secretCreatedAt: newest?.createdAt ?? null,
    expiresAt: newest?.expiresAt ?? null,
    lastUsedAt: newest?.lastUsedAt ?? null,
  };
}
