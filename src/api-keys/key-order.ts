import { byIndexOf } from '../users/list-page.js';
import { USER_SORTS, type UserOrder } from '../users/user-search.js';

/** The orders of a list of users, those by their keys among them; the first is the default, `-` is for descending. */
export const OWNER_SORTS = [...USER_SORTS, 'lastUsedAt', '-lastUsedAt', 'expiresAt', '-expiresAt'] as const;
export type OwnerSort = (typeof OWNER_SORTS)[number];

const BY_USE = { index: 'lk_api_keys_used', at: 'k.last_used_at', id: 'k.user_id', type: 'number' } as const;
const BY_END = { index: 'lk_api_secrets_end', at: 's.expires_at', id: 's.api_key', type: 'number' } as const;

/** By the last use of the key, whatever its state. */
function byUse(descending: boolean): UserOrder {
  return {
    ...BY_USE,
    descending,
    from: `lk_api_keys k ${byIndexOf(BY_USE)} CROSS JOIN lk_users u ON u.id = k.user_id`,
    join: 'CROSS JOIN lk_api_keys k ON k.user_id = u.id',
    where: 'k.last_used_at IS NOT NULL',
    parameters: [],
    rest: {
      matches: 'NOT EXISTS (SELECT 1 FROM lk_api_keys k WHERE k.user_id = u.id AND k.last_used_at IS NOT NULL)',
      parameters: { matches: [], ids: [] },
    },
  };
}

/** By the end of the secret that ends first, of those that are live and end at all. */
function byEnd(descending: boolean, now: number): UserOrder {
  return {
    ...BY_END,
    descending,
    from: `lk_api_secrets s ${byIndexOf(BY_END)} CROSS JOIN lk_api_keys k ON k.api_key = s.api_key
      CROSS JOIN lk_users u ON u.id = k.user_id`,
    join: 'CROSS JOIN lk_api_keys k ON k.user_id = u.id CROSS JOIN lk_api_secrets s ON s.api_key = k.api_key',
    where: `s.revoked_at IS NULL AND ${descending ? '' : '+'}s.expires_at > ? AND NOT EXISTS (
        SELECT 1 FROM lk_api_secrets o WHERE o.api_key = s.api_key AND o.revoked_at IS NULL AND o.expires_at > ?
           AND (o.expires_at < s.expires_at OR (o.expires_at = s.expires_at AND o.id < s.id)))`,
    parameters: [now, now],
    // Beside where the page begins, SQLite takes a second lower bound for a reason to sort. The `+` hides it.
    start: descending ? undefined : { at: now, id: '' },
    rest: {
      // Compared with 1 for the reason that key-filter.ts gives.
      matches: `NOT EXISTS (SELECT 1 FROM lk_api_keys k JOIN lk_api_secrets s ON s.api_key = k.api_key
        WHERE k.user_id = u.id AND (s.revoked_at IS NULL AND s.expires_at > ?) = 1)`,
      parameters: { matches: [now], ids: [] },
    },
  };
}

/** What a list of users is asked for that order. */
export function orderFor(sort: OwnerSort | undefined, now: number) {
  switch (sort) {
    case 'lastUsedAt':
    case '-lastUsedAt':
      return { order: byUse(sort.startsWith('-')) };
    case 'expiresAt':
    case '-expiresAt':
      return { order: byEnd(sort.startsWith('-'), now) };
    default:
      return { sort };
  }
}
