import type { Database } from '../database/database.js';
import { ENGINES } from '../database/engines/index.js';
import { parseList } from '../database/list.js';
import { type Revision, READ_MS } from '../revocation/lease.js';
import { parseLimits } from '../users/rate-limits.js';
import { byIndexOf } from '../users/list-page.js';
import { Networks } from '../users/networks.js';
import { type LiveSecret, LiveSecrets } from './live-secrets.js';

/** What the database has of one key. */
export interface KeyRecord {
  /** The owner; null when no user has the key. */
  readonly userId: string | null;
  /** Those that are not revoked, expired ones among them; none when the user is disabled. */
  readonly secrets: LiveSecrets;
}

/**
 * The statement exists for these numbers of keys. Fewer keys are padded to the next one, so that few statements are
 * prepared.
 */
const SIZES = [1, 16, 256, 1024];
/** How many keys `readLiveSecrets` reads at most. */
export const MAX_KEYS = SIZES.at(-1)!;

/**
 * One row for each unrevoked secret of the keys, with the roles of their owners and the revision at which all was read; at
 * least one row. One statement, so that all of it is of one moment. MySQL is told the indexes: by statistics that are out of
 * date, as after a large import, it has read every unrevoked secret for one key.
 */
function statement(toArray: string, size: number): string {
  return `
  SELECT v.n, v.tag, k.api_key AS apiKey, k.user_id AS userId, u.name, u.full_name AS fullName,
         (SELECT ${toArray}(r.role) FROM lk_user_roles r WHERE r.user_id = u.id) AS roles,
         s.id AS secretId, s.name AS secretName, s.algorithm, s.digest, s.expires_at AS expiresAt, s.scopes,
         s.allowed_networks AS allowedNetworks, s.limits
    FROM lk_revision v
    LEFT JOIN lk_api_keys k ${byIndexOf({ index: 'PRIMARY' })} ON k.api_key IN (${Array<string>(size).fill('?').join(', ')})
    LEFT JOIN lk_users u ${byIndexOf({ index: 'PRIMARY' })} ON u.id = k.user_id AND u.enabled = 1
    LEFT JOIN lk_api_secrets s ${byIndexOf({ index: 'lk_api_secrets_api_key' })} ON s.api_key = k.api_key AND s.revoked_at IS NULL
   WHERE v.id = 1`;
}

/** By the function that makes an array, and by the number of keys. */
const STATEMENTS = new Map(
  ENGINES.map(({ sql: { jsonArray } }) => [
    jsonArray,
    new Map(SIZES.map((size) => [size, statement(jsonArray, size)])),
  ]),
);

interface Row {
  n: number | string;
  tag: number | string;
  apiKey: string | null;
  userId: string | null;
  /** Null when the user is disabled. */
  name: string | null;
  fullName: string;
  /** MySQL's driver has parsed it; null for none. */
  roles: string | string[] | null;
  secretId: string | null;
  secretName: string;
  algorithm: string;
  digest: string;
  expiresAt: number | string | null;
  scopes: string | null;
  allowedNetworks: string | null;
  limits: string | null;
}

const UNOWNED: KeyRecord = { userId: null, secrets: LiveSecrets.none };

/**
 * Reads the secrets of these keys that are not revoked: one query.
 * @returns the revision at which all of it was read, and a lookup by key, which also answers for an unknown key.
 */
export async function readLiveSecrets(
  database: Database,
  apiKeys: readonly string[],
): Promise<{ revision: Revision; lookUp: (apiKey: string) => KeyRecord }> {
  const size = SIZES.find((enough) => enough >= apiKeys.length)!;
  const parameters = Array.from({ length: size }, (_, i) => apiKeys[i] ?? apiKeys[0]!);
  const sql = STATEMENTS.get(database.engine.sql.jsonArray)!.get(size)!;
  const rows = await database.select<Row>(sql, parameters, READ_MS);
  const [first] = rows;
  if (!first) throw new Error('The table lk_revision has lost its row.');
  const byKey = new Map<string, Row[]>();
  for (const row of rows) {
    if (row.apiKey === null) continue;
    const ofKey = byKey.get(row.apiKey);
    if (ofKey) ofKey.push(row);
    else byKey.set(row.apiKey, [row]);
  }
  return {
    revision: { n: Number(first.n), tag: Number(first.tag) },
    // By the exact key: the database may compare less strictly, as MySQL ignores blanks at the end.
    lookUp: (apiKey) => {
      const ofKey = byKey.get(apiKey);
      return ofKey ? { userId: ofKey[0]!.userId, secrets: new LiveSecrets(secretsOf(ofKey)) } : UNOWNED;
    },
  };
}

/** The secrets in the rows of one key. */
function secretsOf(rows: Row[]): LiveSecret[] {
  const roles = Object.freeze(rolesOf(rows[0]!));
  return rows.flatMap((row) => (row.name === null || row.secretId === null ? [] : [toLiveSecret(row, roles)]));
}

/** All that a request needs is made here, once: requests only read it. They share the principal, so it is frozen. */
function toLiveSecret(row: Row, roles: readonly string[]): LiveSecret {
  const { algorithm, digest, fullName } = row;
  const [secretId, name] = [row.secretId!, row.name!];
  const scopes = parseList(row.scopes);
  const limits = parseLimits(row.limits);
  const credential = Object.freeze({
    type: 'api-key' as const,
    apiKey: row.apiKey!,
    secretId,
    secretName: row.secretName,
    scopes: scopes && Object.freeze(scopes),
    limits: limits && Object.freeze(limits),
  });
  const networks = parseList(row.allowedNetworks);
  return {
    algorithm,
    digest,
    expiresAt: row.expiresAt === null ? null : Number(row.expiresAt),
    secretId,
    networks: networks && new Networks(networks),
    principal: Object.freeze({ name, fullName, roles, credential }),
  };
}

function rolesOf({ roles }: Row): string[] {
  const list = typeof roles === 'string' ? (JSON.parse(roles) as string[]) : (roles ?? []);
  return list.toSorted();
}

/** The keys of unrevoked secrets, last used first, and when. It reads the index lk_api_secrets_use alone. */
const LATELY_USED = `
  SELECT api_key AS apiKey, last_used_at AS at
    FROM lk_api_secrets
   WHERE revoked_at IS NULL AND last_used_at <= ?
   ORDER BY last_used_at DESC LIMIT ${MAX_KEYS}`;

/**
 * The keys that were used last, last used first, in batches for `readLiveSecrets`. Each key comes once. Of secrets that were
 * used in the same millisecond, those beyond one batch are left out: the next batch begins at the millisecond before.
 * @param end until when (of performance.now()) the database is waited for; what comes later is an error.
 */
export async function* latelyUsed(database: Database, end: number): AsyncGenerator<string[]> {
  const seen = new Set<string>();
  for (let before = Number.MAX_SAFE_INTEGER; ;) {
    const left = Math.max(1, Math.ceil(end - performance.now()));
    const rows = await database.select<{ apiKey: string; at: number | string }>(LATELY_USED, [before], left);
    const fresh = new Set(rows.map(({ apiKey }) => apiKey).filter((apiKey) => !seen.has(apiKey)));
    if (fresh.size > 0) yield [...fresh];
    if (rows.length < MAX_KEYS) return;
    for (const apiKey of fresh) seen.add(apiKey);
    const last = Number(rows.at(-1)!.at);
    before = last === before ? last - 1 : last;
  }
}
