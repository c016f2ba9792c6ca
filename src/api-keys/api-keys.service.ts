import { Injectable, Logger } from '@nestjs/common';
import { type EntityManager, IsNull } from 'typeorm';
import { Database } from '../database/database.js';
import { LatchkeyError } from '../latchkey.error.js';
import { type Actor, actorName, audit } from '../users/principal.js';
import { ADMINISTRATOR, isManager, isProtected, requireManager, requirePowerOver } from '../users/user-name.js';
import { lockUser, type Position, type Revision, revisionOf } from '../users/user-rows.js';
import { type Condition, UsersService } from '../users/users.service.js';
import { ApiKey } from './api-key.entity.js';
import { type ApiKeyRecord, forgetOldest, insertKey, loadKeys, revokeSecrets } from './api-key-rows.js';
import { makeApiSecret, storedForm } from './api-secret.js';
import { ApiSecret } from './api-secret.entity.js';
import { requireFuture } from './expiry.js';

/** A key with a new secret, which is never shown again. */
export interface GeneratedKey {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly user: string;
  readonly secretId: string;
  readonly hint: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date | null;
  readonly revision: Revision;
}

/**
 * Generates, revokes and lists keys. What an actor may do to whose key is decided here, for every interface. All methods
 * throw LatchkeyError: `not_found` (also for what the actor may not see), `protected`, `forbidden`,
 * `validation_failed`, `conflict`, `stale`, `unavailable`. What they have answered is committed.
 */
@Injectable()
export class ApiKeysService {
  private readonly logger = new Logger('ApiKeys');

  constructor(
    private readonly database: Database,
    users: UsersService,
  ) {
    users.onDelete(async (manager, userId) => {
      const key = await manager.findOneBy(ApiKey, { userId });
      if (key) await manager.delete(ApiSecret, { apiKey: key.apiKey });
    });
  }

  /** Gives the user a new secret, and a key if there is none yet. The old secret is dead. */
  async generate(actor: Actor, input: { user: string; expiresAt?: Date }): Promise<GeneratedKey> {
    return this.newSecret(actor, input, async (manager, userId) => {
      return (await manager.findOneBy(ApiKey, { userId })) ?? (await insertKey(manager, actor, userId));
    });
  }

  /** Gives the user a key and a secret. @throws LatchkeyError `conflict`, naming the key, when there is one. */
  async create(actor: Actor, input: { user: string; expiresAt?: Date }): Promise<GeneratedKey> {
    return this.newSecret(actor, input, async (manager, userId) => {
      const existing = await manager.findOneBy(ApiKey, { userId });
      if (existing) throw new LatchkeyError('conflict', `${input.user} has the API key ${existing.apiKey} already.`);
      return insertKey(manager, actor, userId);
    });
  }

  /** Replaces the secret of that key. */
  async replaceSecret(
    actor: Actor,
    apiKey: string,
    input: { expiresAt?: Date } & Condition = {},
  ): Promise<GeneratedKey> {
    requireManager(actor);
    const { user } = await this.find(actor, apiKey);
    return this.newSecret(actor, { user, ...input }, async (manager, userId) => {
      const key = await manager.findOneBy(ApiKey, { apiKey, userId });
      if (!key) throw notFound(); // the user was deleted in between, and another one made
      return key;
    });
  }

  /** Kills the secrets of that key, or the one with that id. Repeatable; the key stays the user's. */
  async revoke(
    actor: Actor,
    apiKey: string,
    { secretId, ifRevision }: { secretId?: string } & Condition = {},
  ): Promise<void> {
    const { user } = await this.find(actor, apiKey);
    const revoked = await this.database.change(async (manager) => {
      await lockUser(manager, user, { ifRevision });
      const secrets = await manager.findBy(ApiSecret, { apiKey, ...(secretId !== undefined && { id: secretId }) });
      const chosen = secrets.filter(({ id }) => secretId === undefined || id === secretId);
      if (secretId !== undefined && chosen.length === 0) {
        throw new LatchkeyError('not_found', 'That API key has no such secret.');
      }
      return revokeSecrets(manager, chosen);
    });
    if (revoked.length > 0) audit(this.logger, actor, 'api_secret.revoked', user, { apiKey, secretIds: revoked });
  }

  /** Managers see the keys that they have power over, owners their own. */
  async find(actor: Actor, apiKey: string): Promise<ApiKeyRecord> {
    const [key] = await this.database.read((manager) =>
      loadKeys(manager, (query) => query.andWhere('k.apiKey = :apiKey', { apiKey })),
    );
    if (key?.apiKey !== apiKey || isProtected(actor, key.user)) throw notFound();
    if (!isManager(actor) && actorName(actor) !== key.user) throw notFound();
    return key;
  }

  /** At most `limit` keys, newest first, from after `after` on. Who is no manager sees one's own. */
  async list(
    actor: Actor,
    { limit, after, user }: { limit: number; after?: Position; user?: string },
  ): Promise<ApiKeyRecord[]> {
    const own = isManager(actor) ? undefined : actorName(actor);
    if (own !== undefined && user !== undefined && user !== own) requireManager(actor);
    const owner = own ?? user;
    if (owner !== undefined && (isProtected(actor, owner) || owner.endsWith(' '))) return [];
    return this.database.read((manager) =>
      loadKeys(manager, (query) => {
        query.orderBy('k.createdAt', 'DESC').addOrderBy('k.apiKey', 'DESC').limit(limit);
        if (owner !== undefined) query.andWhere('u.name = :owner', { owner });
        if (isProtected(actor, ADMINISTRATOR)) query.andWhere('u.name <> :hidden', { hidden: ADMINISTRATOR });
        if (after) {
          const position = { createdAt: after.createdAt.getTime(), id: after.id };
          query.andWhere('(k.createdAt < :createdAt OR (k.createdAt = :createdAt AND k.apiKey < :id))', position);
        }
        return query;
      }),
    );
  }

  private async newSecret(
    actor: Actor,
    { user, expiresAt, ifRevision }: { user: string; expiresAt?: Date } & Condition,
    keyOf: (manager: EntityManager, userId: string) => Promise<ApiKey>,
  ): Promise<GeneratedKey> {
    requireManager(actor);
    requirePowerOver(actor, user);
    requireFuture(expiresAt);
    const apiSecret = makeApiSecret();
    const secret = {
      id: crypto.randomUUID(),
      ...storedForm(apiSecret),
      createdBy: actorName(actor),
      expiresAt: expiresAt ?? null,
      revokedAt: null,
    };
    const { apiKey, createdAt, revision } = await this.database.change(async (manager) => {
      const owner = await lockUser(manager, user, { ifRevision });
      const key = await keyOf(manager, owner.id);
      const now = new Date();
      await revokeSecrets(manager, await manager.findBy(ApiSecret, { apiKey: key.apiKey, revokedAt: IsNull() }));
      await forgetOldest(manager, key.apiKey);
      await manager.insert(ApiSecret, { ...secret, apiKey: key.apiKey, createdAt: now });
      return { apiKey: key.apiKey, createdAt: now, revision: revisionOf(owner) };
    });
    const { id: secretId, hint, createdBy } = secret;
    audit(this.logger, actor, 'api_key.generated', user, { apiKey, secretId });
    return { apiKey, apiSecret, user, secretId, hint, createdAt, createdBy, expiresAt: secret.expiresAt, revision };
  }
}

function notFound(): LatchkeyError {
  return new LatchkeyError('not_found', 'There is no such API key.');
}
