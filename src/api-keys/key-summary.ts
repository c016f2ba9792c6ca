import type { EntityManager } from 'typeorm';

/** What a list of users shows of each user's key. */
export interface KeySummary {
  readonly apiKey: string;
  /** When any of its secrets was last used. */
  readonly keyLastUsedAt: Date | null;
  /** How many of its secrets are live or retiring. */
  readonly liveSecrets: number;
  /** The state of the newest live secret, or of the newest one. The fields below are that secret's, too. */
  readonly state: 'live' | 'expired' | 'revoked';
  /** The last four characters. */
  readonly hint: string | null;
  readonly secretCreatedAt: Date | null;
  /** When the first of the live secrets ends; null for never. Without one, that of the newest secret. */
  readonly expiresAt: Date | null;
  /** Precise to the interval of verification/last-use.ts; null for never. */
  readonly lastUsedAt: Date | null;
}

interface Row {
  userId: string;
  apiKey: string;
  keyLastUsedAt: number | string | null;
  hint: string | null;
  createdAt: number | string | null;
  expiresAt: number | string | null;
  revokedAt: number | string | null;
  lastUsedAt: number | string | null;
}

/** The summaries of the keys of those users, by the user's id. A user without a key is left out. One query. */
export async function loadSummaries(manager: EntityManager, userIds: string[]): Promise<Map<string, KeySummary>> {
  if (userIds.length === 0) return new Map();
  const rows: Row[] = await manager.query(
    `SELECT k.user_id AS userId, k.api_key AS apiKey, k.last_used_at AS keyLastUsedAt, s.hint, s.created_at AS createdAt, s.expires_at AS expiresAt,
            s.revoked_at AS revokedAt, s.last_used_at AS lastUsedAt
       FROM lk_api_keys k LEFT JOIN lk_api_secrets s ON s.api_key = k.api_key
      WHERE k.user_id IN (${userIds.map(() => '?').join(', ')})
      ORDER BY s.created_at, s.id`,
    userIds,
  );
  // Not every engine is good at finding the newest secret alone.
  const ofUser = new Map<string, Row[]>();
  for (const row of rows) ofUser.set(row.userId, [...(ofUser.get(row.userId) ?? []), row]);
  return new Map(Array.from(ofUser, ([userId, secrets]) => [userId, toSummary(secrets)]));
}

function stateIn({ createdAt, expiresAt, revokedAt }: Row): KeySummary['state'] {
  if (createdAt === null || revokedAt !== null) return 'revoked'; // an imported key may have no secret
  return expiresAt !== null && Number(expiresAt) <= Date.now() ? 'expired' : 'live';
}

/** @param rows oldest first. */
function toSummary(rows: Row[]): KeySummary {
  const live = rows.filter((row) => stateIn(row) === 'live');
  const shown = live.at(-1) ?? rows.at(-1)!;
  const { apiKey, keyLastUsedAt, hint, createdAt, lastUsedAt } = shown;
  const ends = (live.length > 0 ? live : [shown]).flatMap(({ expiresAt }) => expiresAt ?? []).map(Number);
  const time = (value: number | string | null) => (value === null ? null : new Date(Number(value)));
  return {
    apiKey,
    keyLastUsedAt: time(keyLastUsedAt),
    liveSecrets: live.length,
    state: stateIn(shown),
    hint,
    secretCreatedAt: time(createdAt),
    expiresAt: time(ends.length === 0 ? null : Math.min(...ends)),
    lastUsedAt: time(lastUsedAt),
  };
}
