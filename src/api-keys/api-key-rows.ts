import { type EntityManager, type FindOptionsWhere, In, IsNull, Not } from 'typeorm';
import type { Database } from '../database/database.js';
import { type Actor, actorName } from '../users/principal.js';
import { type Revision, revisionOf } from '../users/user-rows.js';
import { ApiKey } from './api-key.entity.js';
import { makeApiKey } from './api-secret.js';
import { ApiSecret } from './api-secret.entity.js';

/** Where a secret was used. */
export interface UsedFrom {
  readonly address: string;
  /** The first 120 characters of the `User-Agent`. */
  readonly userAgent: string | null;
}

/** `retiring`: replaced, and good until `expiresAt`. */
export type SecretState = 'live' | 'retiring' | 'expired' | 'revoked';

/** What may be shown of a secret. */
export type SecretRecord = Pick<
  ApiSecret,
  | 'id'
  | 'name'
  | 'hint'
  | 'scopes'
  | 'allowedNetworks'
  | 'limits'
  | 'createdAt'
  | 'createdBy'
  | 'expiresAt'
  | 'revokedAt'
  | 'revokedBy'
  | 'lastUsedAt'
  | 'replaces'
> & { readonly state: SecretState; readonly lastUsedFrom: UsedFrom | null };

export interface ApiKeyRecord {
  readonly apiKey: string;
  readonly user: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  /** When a secret of it was last used, as far as that is written; see verification/last-use.ts. */
  readonly lastUsedAt: Date | null;
  /** The owner's: it changes with each change of the owner or the key. */
  readonly revision: Revision;
  /** Newest first; of the dead ones, the last few. */
  readonly secrets: readonly SecretRecord[];
}

/** How many dead secrets of a key are kept, to be shown. Older ones are deleted when a new one is made. */
const KEPT_SECRETS = 10;

/** Keys that have an owner, with their secrets. */
export async function loadKeys(manager: EntityManager, where: FindOptionsWhere<ApiKey>): Promise<ApiKeyRecord[]> {
  const owned = { ...where, userId: Not(IsNull()) };
  // One query, so that owner and key are of the same moment.
  const keys = await manager.find(ApiKey, { where: owned, relations: { user: true }, relationLoadStrategy: 'join' });
  const secrets =
    keys.length === 0
      ? []
      : await manager.find(ApiSecret, {
          where: { apiKey: In(keys.map(({ apiKey }) => apiKey)) },
          order: { createdAt: 'DESC', id: 'DESC' },
        });
  return keys.map(({ apiKey, user, createdAt, createdBy, lastUsedAt }) => ({
    apiKey,
    user: user!.name,
    createdAt,
    createdBy,
    lastUsedAt,
    revision: revisionOf(user!),
    secrets: secrets.filter((secret) => secret.apiKey === apiKey).map(toSecretRecord),
  }));
}

/** A user who has a key, by ids. */
export interface Owner {
  readonly id: string;
  readonly apiKey: string;
}

/** The user of that name with the key; undefined when there is no such user, or it has no key. */
export async function findOwner(database: Database, name: string): Promise<Owner | undefined> {
  const sql = `
    SELECT u.id, u.name, k.api_key AS apiKey
      FROM lk_users u JOIN lk_api_keys k ON k.user_id = u.id WHERE u.name = ?`;
  const [row] = await database.select<Owner & { name: string }>(sql, [name]);
  return row?.name === name ? row : undefined; // the engine may compare less strictly than we do
}

/** Reserves a new key for that user. */
export async function insertKey(manager: EntityManager, actor: Actor, userId: string): Promise<ApiKey> {
  const key = { apiKey: makeApiKey(), userId, createdAt: new Date(), createdBy: actorName(actor), lastUsedAt: null };
  await manager.insert(ApiKey, key);
  return key;
}

/**
 * Marks secrets as revoked.
 * @param revokedBy null when a newer one takes their place.
 * @returns the ids of those that were not revoked before.
 */
export async function revokeSecrets(
  manager: EntityManager,
  secrets: ApiSecret[],
  revokedBy: string | null,
): Promise<string[]> {
  const ids = secrets.filter(({ revokedAt }) => revokedAt === null).map(({ id }) => id);
  const revoked = { revokedAt: new Date(), revokedBy, retiresAt: null };
  if (ids.length > 0) await manager.update(ApiSecret, { id: In(ids) }, revoked);
  return ids;
}

/** Deletes the oldest dead secrets of a key, past the number that is kept. */
export async function forgetOldest(manager: EntityManager, apiKey: string): Promise<void> {
  const secrets = await manager.find(ApiSecret, { where: { apiKey }, order: { createdAt: 'DESC' } });
  const old = secrets.filter((secret) => isDead(stateOf(secret))).slice(KEPT_SECRETS - 1);
  if (old.length > 0) await manager.delete(ApiSecret, { id: In(old.map(({ id }) => id)) });
}

export function isDead(state: SecretState): boolean {
  return state === 'expired' || state === 'revoked';
}

export function stateOf(
  { revokedAt, expiresAt, retiresAt }: Pick<ApiSecret, 'revokedAt' | 'expiresAt' | 'retiresAt'>,
  now = Date.now(),
): SecretState {
  if (revokedAt) return 'revoked';
  if (expiresAt && expiresAt.getTime() <= now) return 'expired';
  return retiresAt ? 'retiring' : 'live';
}

export function usedFrom({ lastUsedAddress: address, lastUsedAgent: userAgent }: ApiSecret): UsedFrom | null {
  return address === null ? null : { address, userAgent };
}

export function toSecretRecord(secret: ApiSecret): SecretRecord {
  const { id, name, hint, scopes, allowedNetworks, limits, createdAt, createdBy, ...rest } = secret;
  const made = { id, name, hint, state: stateOf(secret), scopes, allowedNetworks, limits, createdAt, createdBy };
  const { expiresAt, revokedAt, revokedBy, lastUsedAt, replaces } = rest;
  return { ...made, expiresAt, revokedAt, revokedBy, lastUsedAt, lastUsedFrom: usedFrom(secret), replaces };
}
