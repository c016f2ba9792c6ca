import { Injectable, Logger } from '../nest-core.js';
import { type EntityManager, In, IsNull } from 'typeorm';
import { Database } from '../database/database.js';
import {
  byIndexOf,
  type Candidate,
  inOrder,
  type ListPage,
  type Order,
  type Position,
  scan,
} from '../users/list-page.js';
import { LatchkeyError } from '../latchkey.error.js';
import { onBehalfOf } from '../users/on-behalf-of.js';
import { type Actor, actorName, audit } from '../users/principal.js';
import { hiddenFrom, isManager, isProtected, requireManager, requirePowerOver, typedName } from '../users/user-name.js';
import type { User } from '../users/user.entity.js';
import { lockUser, type Revision, revisionOf } from '../users/user-rows.js';
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

/** At most so many keys are scanned for one page: there can be a long run of keys whose users are gone. */
const SCANNED = 10_000;
const NEWEST: Order = {
  index: 'lk_api_keys_created',
  at: 'k.created_at',
  id: 'k.api_key',
  type: 'number',
  descending: true,
};

/**
 * Generates, revokes and lists keys. It decides for every interface what an actor may do to whose key. All methods throw
 * LatchkeyError: `not_found` (also for what the actor may not see), `protected`, `forbidden`, `validation_failed`,
 * `conflict`, `stale`, `unavailable`. When a method has resolved, its change is committed.
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
      if (!key) return;
      await manager.delete(ApiSecret, { apiKey: key.apiKey });
      // The row stays, and has no place among the keys that were used.
      await manager.update(ApiKey, { apiKey: key.apiKey }, { lastUsedAt: null });
    });
  }

  /** Gives the user a new secret, and a key if there is none yet. The old secret is revoked. */
  async generate(actor: Actor, input: { user: string; expiresAt?: Date }): Promise<GeneratedKey> {
    return this.newSecret(actor, input, async (manager, { id: userId }) => {
      return (await manager.findOneBy(ApiKey, { userId })) ?? (await insertKey(manager, actor, userId));
    });
  }

  /** Gives the user a key and a secret. @throws LatchkeyError `conflict`, naming the key, when there is one. */
  async create(actor: Actor, input: { user: string; expiresAt?: Date }): Promise<GeneratedKey> {
    return this.newSecret(actor, input, async (manager, { id: userId, name }) => {
      const existing = await manager.findOneBy(ApiKey, { userId });
      if (existing) throw new LatchkeyError('conflict', `${name} has the API key ${existing.apiKey} already.`);
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
    return this.newSecret(actor, { user, ...input }, async (manager, { id: userId }) => {
      const key = await manager.findOneBy(ApiKey, { apiKey, userId });
      if (!key) throw notFound(); // the user was deleted in between, and another one made
      return key;
    });
  }

  /** Revokes the secrets of that key, or the one with that id. Repeatable; the key stays the user's. */
  async revoke(
    actor: Actor,
    apiKey: string,
    { secretId, ifRevision }: { secretId?: string } & Condition = {},
  ): Promise<void> {
    const { user } = await this.find(actor, apiKey);
    const revoked = await this.database.change(
      onBehalfOf(actor, { target: user, takesPower: true }),
      async (manager) => {
        await lockUser(manager, user, { ifRevision });
        const secrets = await manager.findBy(ApiSecret, { apiKey, ...(secretId !== undefined && { id: secretId }) });
        const chosen = secrets.filter(({ id }) => secretId === undefined || id === secretId);
        if (secretId !== undefined && chosen.length === 0) {
          throw new LatchkeyError('not_found', 'That API key has no such secret.');
        }
        return revokeSecrets(manager, chosen, actorName(actor));
      },
    );
    if (revoked.length > 0) audit(this.logger, actor, 'api_secret.revoked', user, { apiKey, secretIds: revoked });
  }

  /** Managers find the keys of users whom they have power over; owners find their own. */
  async find(actor: Actor, apiKey: string): Promise<ApiKeyRecord> {
    const [key] = await this.database.read((manager) => loadKeys(manager, { apiKey }));
    if (key?.apiKey !== apiKey || isProtected(actor, key.user)) throw notFound();
    if (!isManager(actor) && actorName(actor) !== key.user) throw notFound();
    return key;
  }

  /** The keys after `after`, newest first. Whoever is not a manager sees only the own key. */
  async list(
    actor: Actor,
    { limit, after, user: typed }: { limit: number; after?: Position; user?: string },
  ): Promise<ListPage<ApiKeyRecord>> {
    const user = typed === undefined ? undefined : typedName(typed);
    const own = isManager(actor) ? undefined : actorName(actor);
    if (own !== undefined && user !== undefined && user !== own) requireManager(actor);
    const owner = own ?? user;
    if (owner !== undefined) {
      const visible = !isProtected(actor, owner) && after === undefined; // nobody has a second key, so there is no second page
      return { items: visible ? await this.ofUser(owner) : [], next: undefined };
    }
    const hidden = hiddenFrom(actor) ?? '';
    const { items: ids, next } = await scan({ limit, after, most: SCANNED, type: NEWEST.type }, (from, size) => {
      const { where, order, parameters } = inOrder(NEWEST, from);
      // A key whose user was deleted stays in the table, and is not shown.
      const sql = `
        SELECT k.api_key AS id, k.created_at AS at, (u.name IS NOT NULL AND u.name <> ?) AS matches
          FROM lk_api_keys k ${byIndexOf(NEWEST)} LEFT JOIN lk_users u ON u.id = k.user_id
         WHERE ${where} ORDER BY ${order} LIMIT ${size}`;
      return this.database.select<Candidate>(sql, [hidden, ...parameters]);
    });
    const keys = await this.database.read((manager) => loadKeys(manager, { apiKey: In(ids) }));
    return { items: keys.toSorted((a, b) => ids.indexOf(a.apiKey) - ids.indexOf(b.apiKey)), next };
  }

  private async ofUser(name: string): Promise<ApiKeyRecord[]> {
    const keys = await this.database.read((manager) => loadKeys(manager, { user: { name } }));
    return keys.filter(({ user }) => user === name); // the engine may compare less strictly than we do
  }

  private async newSecret(
    actor: Actor,
    { user: typed, expiresAt, ifRevision }: { user: string; expiresAt?: Date } & Condition,
    keyOf: (manager: EntityManager, owner: User) => Promise<ApiKey>,
  ): Promise<GeneratedKey> {
    const user = typedName(typed);
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
      revokedBy: null,
      lastUsedAt: null,
    };
    const { apiKey, createdAt, revision } = await this.database.change(
      onBehalfOf(actor, { target: user }),
      async (manager) => {
        const owner = await lockUser(manager, user, { ifRevision });
        const key = await keyOf(manager, owner);
        const now = new Date();
        const replaced = await manager.findBy(ApiSecret, { apiKey: key.apiKey, revokedAt: IsNull() });
        await revokeSecrets(manager, replaced, null);
        await forgetOldest(manager, key.apiKey);
        await manager.insert(ApiSecret, { ...secret, apiKey: key.apiKey, createdAt: now });
        return { apiKey: key.apiKey, createdAt: now, revision: revisionOf(owner) };
      },
    );
    const { id: secretId, hint, createdBy } = secret;
    audit(this.logger, actor, 'api_key.generated', user, { apiKey, secretId });
    return { apiKey, apiSecret, user, secretId, hint, createdAt, createdBy, expiresAt: secret.expiresAt, revision };
  }
}

function notFound(): LatchkeyError {
  return new LatchkeyError('not_found', 'There is no such API key.');
}
