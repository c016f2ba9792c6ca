import { record, recordNothing } from '../audit/trail.js';
import { Injectable } from '../nest-core.js';
import { isDeepStrictEqual } from 'node:util';
import type { EntityManager } from 'typeorm';
import { Database } from '../database/database.js';
import { isDuplicate } from '../database/driver-errors.js';
import { searchKeyOf } from '../database/search-key.js';
import type { ListPage } from './list-page.js';
import { LatchkeyError } from '../latchkey.error.js';
import { onBehalfOf } from './on-behalf-of.js';
import { type Actor, actorName, SYSTEM_MANAGER } from './principal.js';
import { RolesService } from './roles.service.js';
import { requireRoleScope } from './scoped-actor.js';
import { User } from './user.entity.js';
import {
  insertWords,
  loadUser,
  loadUsers,
  lockUser,
  sameRoles,
  setRoles,
  userNotFound,
  replaceWords,
  requireRevision,
  requireRoles,
  type Revision,
  toRecord,
  type UserRecord,
  withRoles,
} from './user-rows.js';
import type { UserFilters } from './user-conditions.js';
import { countUsers, findUserIds, type UserCount, type UserQuery } from './user-search.js';
import * as names from './user-name.js';

export interface UserChanges {
  readonly fullName?: string;
  readonly enabled?: boolean;
  /** The complete new set. */
  readonly roles?: readonly string[];
}

export interface Condition {
  /** The change is made only when the current revision is one of these; else `stale`. */
  readonly ifRevision?: readonly Revision[];
}

/** Runs in the transaction that changes a user: a module above changes its own rows of that user there. */
export type TransactionHook = (manager: EntityManager, user: Pick<User, 'id' | 'name'>) => Promise<void>;

/**
 * Users and their roles. It decides for every interface what an actor may do to whom. All methods throw LatchkeyError:
 * `not_found` (also for what the actor may not see), `protected`, `forbidden`, `validation_failed`, `conflict`, `stale`,
 * `unavailable`.
 */
@Injectable()
export class UsersService {
  private readonly deleteHooks: TransactionHook[] = [];
  private readonly disableHooks: TransactionHook[] = [];

  constructor(
    private readonly database: Database,
    private readonly roles: RolesService,
  ) {}

  async find(actor: Actor, typed: string): Promise<UserRecord> {
    const name = names.typedName(typed);
    requireSight(actor, name);
    const user = await this.database.read((manager) => loadUser(manager, name));
    if (!user) throw userNotFound(name);
    return user;
  }

  /** The users after `after`, newest first unless `sort` says otherwise. */
  async list(actor: Actor, query: UserQuery): Promise<ListPage<UserRecord>> {
    const hidden = requireFilters(actor, query);
    const { items: ids, next } = await findUserIds(this.database, query, hidden);
    return { items: await this.database.read((manager) => loadUsers(manager, ids)), next };
  }

  /** How many users a list with these filters has; counting stops when there are many. */
  async count(actor: Actor, filters: UserFilters): Promise<UserCount> {
    return countUsers(this.database, filters, requireFilters(actor, filters));
  }

  async create(
    actor: Actor,
    input: { email: string; fullName: string; roles?: readonly string[]; enabled?: boolean },
    hook?: TransactionHook,
  ): Promise<UserRecord> {
    names.requireManager(actor);
    requireRoleScope(actor, { given: input.roles ?? [], taken: [] });
    const name = names.nameOf(input.email);
    const fullName = names.checkFullName(input.fullName);
    return this.database.change(onBehalfOf(actor), async (manager) => {
      const now = new Date();
      const row = {
        id: crypto.randomUUID(),
        name,
        fullName,
        fullNameKey: searchKeyOf(fullName),
        enabled: input.enabled ?? true,
        version: 1,
        createdAt: now,
        updatedAt: now,
      };
      // Before the insert: an insert that is rolled back makes others that wait for the same name deadlock.
      await requireRoles(manager, input.roles ?? []);
      try {
        await manager.insert(User, row);
      } catch (error) {
        if (isDuplicate(error)) throw new LatchkeyError('conflict', `There is a user "${name}" already.`);
        throw error;
      }
      await insertWords(manager, row);
      const created = toRecord(row, await setRoles(manager, row.id, input.roles ?? []));
      const { roles, enabled } = created;
      record(manager, actor, 'user.created', { subject: name, details: { fullName, roles, enabled } });
      await hook?.(manager, created);
      return created;
    });
  }

  /**
   * For hosts with users of their own: the user of that name (an e-mail). It is created when it does not exist, and
   * changed when `fullName` or `roles` are given and differ. `roles` is the complete set; a role that does not exist is
   * created.
   */
  async ensure(
    actor: Actor,
    input: { name: string; fullName?: string; roles?: readonly string[] },
  ): Promise<UserRecord> {
    names.requireManager(actor);
    const name = names.nameOf(input.name);
    for (const role of input.roles ?? []) await this.roles.ensure(actor, role);
    const existing = await this.database.read((manager) => loadUser(manager, name));
    if (!existing) {
      try {
        return await this.create(actor, { email: name, fullName: input.fullName ?? name, roles: input.roles });
      } catch (error) {
        if (!(error instanceof LatchkeyError && error.code === 'conflict')) throw error;
        return this.ensure(actor, input); // created by another call meanwhile
      }
    }
    const { roles } = input;
    const fullName = input.fullName === undefined ? undefined : names.checkFullName(input.fullName);
    const same =
      (fullName ?? existing.fullName) === existing.fullName && sameRoles(roles ?? existing.roles, existing.roles);
    if (!same) {
      try {
        return await this.update(actor, name, { fullName, roles });
      } catch (error) {
        if (!(error instanceof LatchkeyError && error.code === 'not_found')) throw error;
        return this.ensure(actor, input); // deleted by another call meanwhile
      }
    }
    if (roles) await this.database.forget(existing.id);
    return existing;
  }

  /** Managers change every user whom they have power over; others only their own full name. */
  async update(
    actor: Actor,
    typed: string,
    changes: UserChanges,
    { ifRevision }: Condition = {},
    hook?: TransactionHook,
  ): Promise<UserRecord> {
    const name = names.typedName(typed);
    requireSight(actor, name);
    const { enabled, roles } = changes;
    if (enabled !== undefined || roles !== undefined) names.requireManager(actor);
    const fullName = changes.fullName === undefined ? undefined : names.checkFullName(changes.fullName);
    if (name === names.ADMINISTRATOR && (enabled === false || (roles && !roles.includes(SYSTEM_MANAGER)))) {
      throw new LatchkeyError('conflict', `Administrator always is enabled and has the role "${SYSTEM_MANAGER}".`);
    }
    if (fullName === undefined && enabled === undefined && roles === undefined && !hook) {
      const user = await this.find(actor, name);
      requireRevision(user.revision, ifRevision);
      return user;
    }
    const takesPower = enabled === false || roles !== undefined || hook !== undefined;
    return this.database.change(onBehalfOf(actor, { target: name, takesPower }), async (manager) => {
      const user = await lockUser(manager, name, { ifRevision });
      const [before] = (await withRoles(manager, [user])) as [UserRecord];
      const after = {
        ...before,
        fullName: fullName ?? before.fullName,
        enabled: enabled ?? before.enabled,
        ...(roles && !sameRoles(roles, before.roles) && { roles: await changeRoles(manager, actor, before, roles) }),
      };
      if (isDeepStrictEqual(before, after) && !hook) recordNothing(manager);
      if (after.fullName !== before.fullName) await rename(manager, actor, before, after.fullName);
      if (after.enabled !== before.enabled) await setEnabled(manager, actor, after);
      if (enabled === false) for (const onDisable of this.disableHooks) await onDisable(manager, user);
      await hook?.(manager, user);
      return after;
    });
  }

  onDelete(hook: TransactionHook): void {
    this.deleteHooks.push(hook);
  }

  onDisable(hook: TransactionHook): void {
    this.disableHooks.push(hook);
  }

  /** Really deletes the user, with roles and secrets; the API key stays reserved. */
  async delete(actor: Actor, typed: string, { ifRevision }: Condition = {}): Promise<void> {
    const name = names.typedName(typed);
    requireSight(actor, name);
    names.requireManager(actor);
    if (name === names.ADMINISTRATOR) throw new LatchkeyError('conflict', 'Administrator cannot be deleted.');
    await this.database.change(onBehalfOf(actor, { target: name, takesPower: true }), async (manager) => {
      const user = await lockUser(manager, name, { ifRevision });
      const [{ fullName, roles }] = (await withRoles(manager, [user])) as [UserRecord];
      record(manager, actor, 'user.deleted', { subject: name, details: { fullName, roles } });
      for (const hook of this.deleteHooks) await hook(manager, user);
      await manager.delete(User, { id: user.id });
    });
  }
}

async function rename(manager: EntityManager, actor: Actor, before: UserRecord, fullName: string): Promise<void> {
  const { id, name } = before;
  await manager.update(User, { id }, { fullName, fullNameKey: searchKeyOf(fullName) });
  await replaceWords(manager, { id, name, fullName });
  const details = { fullName: { before: before.fullName, after: fullName } };
  record(manager, actor, 'user.renamed', { subject: name, details });
}

async function setEnabled(manager: EntityManager, actor: Actor, { id, name, enabled }: UserRecord): Promise<void> {
  await manager.update(User, { id }, { enabled });
  record(manager, actor, enabled ? 'user.enabled' : 'user.disabled', { subject: name });
}

/** @returns the roles as they are now. */
async function changeRoles(
  manager: EntityManager,
  actor: Actor,
  { id, name, roles: before }: UserRecord,
  roles: readonly string[],
): Promise<readonly string[]> {
  const given = roles.filter((role) => !before.includes(role));
  const taken = before.filter((role) => !roles.includes(role));
  requireRoleScope(actor, { given, taken });
  const after = await setRoles(manager, id, roles);
  record(manager, actor, 'roles.changed', { subject: name, details: { roles: { before, after } } });
  return after;
}

/** @throws LatchkeyError when that name does not exist for this actor. */
export function requireSight(actor: Actor, name: string): void {
  names.requirePowerOver(actor, name);
  if (!names.isManager(actor) && actorName(actor) !== name) throw userNotFound(name);
}

/**
 * @returns the name of the user whom lists hide from this actor.
 * @throws LatchkeyError when the actor may not list users.
 */
function requireFilters(actor: Actor, { search, role }: UserFilters): string | undefined {
  names.requireManager(actor);
  if (search !== undefined) names.checkSearch(search);
  if (role !== undefined) names.checkRoleName(role);
  return names.hiddenFrom(actor);
}
