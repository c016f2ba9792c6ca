import { type EntityManager, In, IsNull, Not } from 'typeorm';
import { type Actor, actorName } from '../users/principal.js';
import { type Revision, revisionOf } from '../users/user-rows.js';
import { ApiKey } from './api-key.entity.js';
import { makeApiKey } from './api-secret.js';
import { ApiSecret } from './api-secret.entity.js';

/** What may be shown of a secret. */
export type SecretRecord = Pick<ApiSecret, 'id' | 'hint' | 'createdAt' | 'createdBy' | 'expiresAt' | 'revokedAt'>;

export interface ApiKeyRecord {
  readonly apiKey: string;
  readonly user: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  /** Its owner's: another one after each change of either. */
  readonly revision: Revision;
  /** Newest first; of the dead ones the last few. */
  readonly secrets: readonly SecretRecord[];
}

/** Revoked secrets of a key that are kept, to be looked at; older ones go when a new one is made. */
const KEPT_SECRETS = 10;

type KeyQuery = ReturnType<typeof keyQuery>;

/** Keys that have an owner (`u`), with their secrets. */
export async function loadKeys(manager: EntityManager, narrow: (query: KeyQuery) => KeyQuery): Promise<ApiKeyRecord[]> {
  const keys = await narrow(keyQuery(manager)).getMany();
  const where = { apiKey: In(keys.map(({ apiKey }) => apiKey)) };
  const secrets =
    keys.length === 0 ? [] : await manager.find(ApiSecret, { where, order: { createdAt: 'DESC', id: 'DESC' } });
  return keys.map(({ apiKey, user, createdAt, createdBy }) => ({
    apiKey,
    user: user!.name,
    createdAt,
    createdBy,
    revision: revisionOf(user!),
    secrets: secrets.filter((secret) => secret.apiKey === apiKey).map(toSecretRecord),
  }));
}

function keyQuery(manager: EntityManager) {
  return manager.createQueryBuilder(ApiKey, 'k').innerJoinAndSelect('k.user', 'u').where('1 = 1');
}

/** Reserves a new key for that user. */
export async function insertKey(manager: EntityManager, actor: Actor, userId: string): Promise<ApiKey> {
  const key = { apiKey: makeApiKey(), userId, createdAt: new Date(), createdBy: actorName(actor) };
  await manager.insert(ApiKey, key);
  return key;
}

/** Marks secrets as revoked. @returns the ids of those that were not revoked before. */
export async function revokeSecrets(manager: EntityManager, secrets: ApiSecret[]): Promise<string[]> {
  const ids = secrets.filter(({ revokedAt }) => revokedAt === null).map(({ id }) => id);
  if (ids.length > 0) await manager.update(ApiSecret, { id: In(ids) }, { revokedAt: new Date() });
  return ids;
}

/** Deletes the oldest revoked secrets of a key, beyond those that are kept. */
export async function forgetOldest(manager: EntityManager, apiKey: string): Promise<void> {
  const old = await manager.find(ApiSecret, {
    where: { apiKey, revokedAt: Not(IsNull()) },
    order: { createdAt: 'DESC' },
    skip: KEPT_SECRETS - 1,
    take: 100,
  });
  if (old.length > 0) await manager.delete(ApiSecret, { id: In(old.map(({ id }) => id)) });
}

function toSecretRecord({ id, hint, createdAt, createdBy, expiresAt, revokedAt }: ApiSecret): SecretRecord {
  return { id, hint, createdAt, createdBy, expiresAt, revokedAt };
}
