import { record, recordNothing } from '../audit/trail.js';
import { Inject, Injectable, Optional } from '../nest-core.js';
import { type EntityManager, In } from 'typeorm';
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
import { invalid, LatchkeyError } from '../latchkey.error.js';
import { onBehalfOf } from '../users/on-behalf-of.js';
import { type Actor, actorName } from '../users/principal.js';
import {
  hiddenFrom,
  isManager,
  isProtected,
  requireManager,
  requirePowerOver,
  shown,
  typedName,
} from '../users/user-name.js';
import type { RateLimit } from '../users/rate-limits.js';
import type { User } from '../users/user.entity.js';
import { lockUser, type Revision, revisionOf } from '../users/user-rows.js';
import { type Condition, UsersService } from '../users/users.service.js';
import { ApiKey } from './api-key.entity.js';
import {
  type ApiKeyRecord,
  findOwner,
  forgetOldest,
  insertKey,
  isDead,
  loadKeys,
  revokeSecrets,
  type SecretRecord,
  stateOf,
  toSecretRecord,
} from './api-key-rows.js';
import { makeApiSecret, storedForm } from './api-secret.js';
import { ApiSecret } from './api-secret.entity.js';
import { refuseLadder } from './ladder.js';
import { type ReplacedSecret, Rotation } from './rotation.js';
import { recordChange, recordNew } from './secret-trail.js';
import { grantScopes } from './scopes.service.js';
import { findSecretIds, type SecretFilters } from './secret-search.js';
import {
  checkName,
  checkOptions,
  checkOverlap,
  conflict,
  DEFAULT_NAME,
  endOf,
  SECRET_RULES,
  type SecretOptions,
  type SecretRules,
} from './secret-options.js';

/** A key with a new secret, which is never shown again. */
export interface GeneratedKey {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly user: string;
  readonly secretId: string;
  readonly name: string;
  readonly hint: string;
  readonly scopes: readonly string[] | null;
  readonly allowedNetworks: readonly string[] | null;
  readonly limits: readonly RateLimit[] | null;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date | null;
  /** The secret whose place it took. */
  readonly replaced: ReplacedSecret | null;
  /** Other names of the key that have a live secret. Nothing has happened to those. */
  readonly otherNames: readonly string[];
  readonly revision: Revision;
}

/** What a new secret may. What is left out comes from the last secret of that name. */
export interface NewSecret extends SecretOptions {
  /** How long the old secret of that name stays good; 0, the default, ends it at once. */
  readonly overlapSeconds?: number;
}

/** A secret in the list of all. */
export type OwnedSecret = SecretRecord & { readonly apiKey: string; readonly user: string };

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
  constructor(
    private readonly database: Database,
    users: UsersService,
    @Optional() @Inject(SECRET_RULES) private readonly rules: SecretRules = {},
  ) {
    users.onDelete(async (manager, { id: userId }) => {
      const key = await manager.findOneBy(ApiKey, { userId });
      if (!key) return;
      await manager.delete(ApiSecret, { apiKey: key.apiKey });
      // The row stays, and has no place among the keys that were used.
      await manager.update(ApiKey, { apiKey: key.apiKey }, { lastUsedAt: null });
    });
  }

  /** Gives the user a new secret of that name, and a key if there is none yet. It takes the place of an old one. */
  async generate(actor: Actor, { user, ...secret }: { user: string } & NewSecret): Promise<GeneratedKey> {
    return this.newSecret(actor, user, secret, async (manager, { id: userId }) => {
      return (await manager.findOneBy(ApiKey, { userId })) ?? (await insertKey(manager, actor, userId));
    });
  }

  /** Gives the user a key and a secret. @throws LatchkeyError `conflict`, naming the key, when there is one. */
  async create(actor: Actor, { user, ...secret }: { user: string } & SecretOptions): Promise<GeneratedKey> {
    return this.newSecret(actor, user, secret, async (manager, { id: userId, name }) => {
      const existing = await manager.findOneBy(ApiKey, { userId });
      if (existing) throw new LatchkeyError('conflict', `${name} has the API key ${existing.apiKey} already.`);
      return insertKey(manager, actor, userId);
    });
  }

  /** Gives that key a new secret, as `generate` does. */
  async addSecret(actor: Actor, apiKey: string, secret: NewSecret & Condition = {}): Promise<GeneratedKey> {
    requireManager(actor);
    const { user } = await this.find(actor, apiKey);
    return this.newSecret(actor, user, secret, async (manager, { id: userId }) => {
      const key = await manager.findOneBy(ApiKey, { apiKey, userId });
      if (!key) throw notFound(); // the user was deleted in between, and another one made
      return key;
    });
  }

  /** Changes what a secret may, without changing it. @throws LatchkeyError `conflict` when it is dead. */
  async patchSecret(
    actor: Actor,
    apiKey: string,
    secretId: string,
    { ifRevision, ...asked }: SecretOptions & Condition,
  ): Promise<{ secret: SecretRecord; revision: Revision }> {
    requireManager(actor);
    const changes = checkOptions(asked);
    const { user } = await this.find(actor, apiKey);
    return this.database.change(onBehalfOf(actor, { target: user, takesPower: true }), async (manager) => {
      const owner = await lockUser(manager, user, { ifRevision });
      const secrets = await manager.findBy(ApiSecret, { apiKey });
      const secret = secrets.find(({ id }) => id === secretId);
      if (!secret) throw noSuchSecret();
      const changed = patched(secret, secrets, changes, this.rules.maxSecretDays);
      await refuseLadder(manager, actor, changed);
      if (changes.scopes) await grantScopes(manager, changes.scopes);
      const { name, scopes, allowedNetworks, expiresAt, limits, retiresAt } = changed;
      const stored = { name, scopes, allowedNetworks, expiresAt, limits, retiresAt };
      await manager.update(ApiSecret, { id: secretId }, stored);
      recordChange(manager, actor, user, secret, changed);
      return { secret: toSecretRecord(changed), revision: revisionOf(owner) };
    });
  }

  /** Revokes the secrets of that key, or those of a name, or the one with that id. Repeatable; the key stays the user's. */
  async revoke(
    actor: Actor,
    apiKey: string,
    { secretId, name, ifRevision }: { secretId?: string; name?: string } & Condition = {},
  ): Promise<void> {
    const { user } = await this.find(actor, apiKey);
    const ofName = name === undefined ? undefined : checkName(name);
    const isMeant = (secret: ApiSecret) =>
      (secretId === undefined || secret.id === secretId) && (ofName === undefined || secret.name === ofName);
    await this.database.change(onBehalfOf(actor, { target: user, takesPower: true }), async (manager) => {
      await lockUser(manager, user, { ifRevision });
      const secrets = await manager.findBy(ApiSecret, { apiKey });
      const chosen = secrets.filter(isMeant);
      if (secretId !== undefined && chosen.length === 0) throw noSuchSecret();
      if (ofName !== undefined && chosen.length === 0) {
        throw new LatchkeyError('not_found', `That API key has no secret with the name "${shown(ofName)}".`);
      }
      const revoked = await revokeSecrets(manager, chosen, actorName(actor));
      if (revoked.length === 0) recordNothing(manager);
      for (const secret of chosen.filter(({ id }) => revoked.includes(id))) {
        const details = { name: secret.name };
        record(manager, actor, 'secret.revoked', { subject: user, apiKey, secretId: secret.id, details });
      }
      for (const secret of await takeBackReplacement(manager, secrets, revoked)) {
        recordChange(manager, actor, user, secret, { ...secret, retiresAt: null });
      }
    });
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

  /** The secrets of all keys, in an order that follows from the filters. For System Managers. */
  async listSecrets(
    actor: Actor,
    { user: typed, name, ...query }: Omit<SecretFilters, 'apiKey'> & { user?: string; limit: number; after?: Position },
  ): Promise<ListPage<OwnedSecret>> {
    requireManager(actor);
    const ofName = name === undefined ? undefined : checkName(name);
    const keyOf = async (user: string) => (await findOwner(this.database, user))?.apiKey ?? '';
    const hidden = hiddenFrom(actor);
    const hiddenKey = hidden === undefined ? '' : await keyOf(hidden);
    const apiKey = typed === undefined ? undefined : await keyOf(typedName(typed));
    const { items: ids, next } = await findSecretIds(this.database, { ...query, name: ofName, apiKey }, hiddenKey);
    const secrets = await this.database.read((manager) =>
      manager.find(ApiSecret, { where: { id: In(ids) }, relations: { apiKeyRow: { user: true } } }),
    );
    const items = ids.flatMap((id) => {
      const secret = secrets.find((one) => one.id === id);
      const owner = secret?.apiKeyRow?.user;
      return secret && owner ? [{ ...toSecretRecord(secret), apiKey: secret.apiKey, user: owner.name }] : [];
    });
    return { items, next };
  }

  private async ofUser(name: string): Promise<ApiKeyRecord[]> {
    const keys = await this.database.read((manager) => loadKeys(manager, { user: { name } }));
    return keys.filter(({ user }) => user === name); // the engine may compare less strictly than we do
  }

  private async newSecret(
    actor: Actor,
    typed: string,
    { ifRevision, overlapSeconds = 0, ...asked }: NewSecret & Condition,
    keyOf: (manager: EntityManager, owner: User) => Promise<ApiKey>,
  ): Promise<GeneratedKey> {
    const user = typedName(typed);
    requireManager(actor);
    requirePowerOver(actor, user);
    checkOverlap(overlapSeconds);
    const { name = DEFAULT_NAME, ...options } = checkOptions(asked);
    const apiSecret = makeApiSecret();
    const identity = { id: crypto.randomUUID(), name, ...storedForm(apiSecret), createdBy: actorName(actor) };
    const generated = await this.database.change(onBehalfOf(actor, { target: user }), async (manager) => {
      const owner = await lockUser(manager, user, { ifRevision });
      const { apiKey } = await keyOf(manager, owner);
      const rotation = new Rotation(await manager.findBy(ApiSecret, { apiKey }), name);
      const { lifetimeMs, ...inherited } = rotation.inherited;
      const createdAt = new Date();
      const { scopes, allowedNetworks, limits } = { ...inherited, ...options };
      const rights = {
        scopes,
        allowedNetworks,
        limits,
        expiresAt: endOf(createdAt, options.expiresAt, { lifetimeMs, maxDays: this.rules.maxSecretDays }),
      };
      await refuseLadder(manager, actor, rights);
      if (rights.scopes) await grantScopes(manager, rights.scopes);
      const { replaced, ended } = await rotation.endOld(manager, createdAt, overlapSeconds);
      await forgetOldest(manager, apiKey);
      const secret = { ...identity, ...rights, apiKey, createdAt, replaces: replaced?.id ?? null };
      await manager.insert(ApiSecret, secret);
      recordNew(manager, actor, user, secret, ended);
      const { otherNames } = rotation;
      return { apiKey, createdAt, ...rights, replaced, otherNames, revision: revisionOf(owner) };
    });
    const { id: secretId, hint, createdBy } = identity;
    return { apiSecret, user, secretId, name, hint, createdBy, ...generated };
  }
}

/** The secret with these changes. @throws LatchkeyError `conflict`, `validation_failed`. */
function patched(
  secret: ApiSecret,
  ofKey: readonly ApiSecret[],
  { name = secret.name, ...changes }: SecretOptions,
  maxDays: number | undefined,
): ApiSecret {
  const state = stateOf(secret);
  if (isDead(state)) throw conflict(`That secret is ${state}: it can't be changed any more. Make another one.`);
  const expiresAt =
    changes.expiresAt === undefined ? secret.expiresAt : endOf(secret.createdAt, changes.expiresAt, { maxDays });
  if (state === 'retiring' && expiresAt === null) {
    throw invalid(
      'expiresAt',
      'retiring',
      'A retiring secret has an end. To keep it, revoke the one that replaces it.',
    );
  }
  if (name !== secret.name) refuseName(secret, ofKey, name);
  const retiresAt = state === 'retiring' ? expiresAt : null;
  return { ...secret, ...changes, name, expiresAt, retiresAt };
}

function refuseName(secret: ApiSecret, ofKey: readonly ApiSecret[], name: string): void {
  const others = ofKey.filter((other) => other !== secret && !isDead(stateOf(other)));
  if (others.some((other) => other.name === secret.name)) {
    throw conflict('A rotation of that secret is under way: give it another name when the old one has ended.');
  }
  if (others.some((other) => other.name === name)) {
    throw conflict(`That API key has a live secret with the name "${name}" already.`);
  }
}

/**
 * A secret whose replacement is revoked is no longer replaced: it is live until its end, which can be moved again.
 * @returns those, as they were.
 */
async function takeBackReplacement(
  manager: EntityManager,
  secrets: readonly ApiSecret[],
  revoked: string[],
): Promise<ApiSecret[]> {
  const replacements = secrets.filter(({ id }) => revoked.includes(id));
  const back = secrets.filter(
    ({ id, retiresAt }) => retiresAt && !revoked.includes(id) && replacements.some(({ replaces }) => replaces === id),
  );
  if (back.length > 0) await manager.update(ApiSecret, { id: In(back.map(({ id }) => id)) }, { retiresAt: null });
  return back;
}

function noSuchSecret(): LatchkeyError {
  return new LatchkeyError('not_found', 'That API key has no such secret.');
}

function notFound(): LatchkeyError {
  return new LatchkeyError('not_found', 'There is no such API key.');
}
