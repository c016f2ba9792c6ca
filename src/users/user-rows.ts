import { type EntityManager, In } from 'typeorm';
import { isForeignKey } from '../database/driver-errors.js';
import { invalidate } from '../database/invalidations.js';
import { searchKeyOf, wordsOf } from '../database/search-key.js';
import { invalid, LatchkeyError } from '../latchkey.error.js';
import { Role } from './role.entity.js';
import { UserRole } from './user-role.entity.js';
import { UserWord } from './user-word.entity.js';
import { User } from './user.entity.js';
import { noSuchUser, shown } from './user-name.js';

export interface UserRecord {
  readonly id: string;
  readonly name: string;
  readonly fullName: string;
  readonly enabled: boolean;
  readonly roles: readonly string[];
  readonly revision: Revision;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** How many unknown roles an error names. */
const NAMED_ROLES = 5;

/** Opaque; it changes with each change of the user, its roles or its key. */
export type Revision = string;

export function revisionOf({ id, version }: Pick<User, 'id' | 'version'>): Revision {
  return `${id}.${version}`;
}

/**
 * Takes the lock that orders all changes of one user, its roles and its key, as the first statement of their transactions.
 * It is an UPDATE that increments the version, so it works the same on every engine. It also invalidates the user, which
 * tells every node.
 * @param ifRevision the revisions on which the change may be built; undefined for any.
 * @returns the row, with its new version.
 * @throws LatchkeyError `not_found`, `stale`.
 */
export async function lockUser(
  manager: EntityManager,
  name: string,
  { ifRevision }: { ifRevision?: readonly Revision[] } = {},
): Promise<User> {
  // MySQL and MariaDB ignore blanks at the end of a string when they compare.
  const { affected } = name.endsWith(' ')
    ? { affected: 0 }
    : await manager.update(User, { name }, { version: () => 'version + 1', updatedAt: new Date() });
  if (affected === 0) throw userNotFound(name);
  const user = await manager.findOneByOrFail(User, { name });
  if (user.name !== name) throw userNotFound(name); // the engine may compare less strictly than we do
  requireRevision(revisionOf({ ...user, version: user.version - 1 }), ifRevision);
  invalidate(manager, user.id);
  return user;
}

/** @throws LatchkeyError `stale` when `revision` is not one of `ifRevision`. */
export function requireRevision(revision: Revision, ifRevision: readonly Revision[] | undefined): void {
  if (ifRevision && !ifRevision.includes(revision)) {
    throw new LatchkeyError('stale', 'This has changed since you read it. Read it again.');
  }
}

export async function loadUser(manager: EntityManager, name: string): Promise<UserRecord | undefined> {
  const user = await manager.findOneBy(User, { name });
  return user?.name === name ? (await withRoles(manager, [user]))[0] : undefined;
}

/** In the order of the ids; deleted users are left out. */
export async function loadUsers(manager: EntityManager, ids: string[]): Promise<UserRecord[]> {
  const users = ids.length === 0 ? [] : await manager.findBy(User, { id: In(ids) });
  return withRoles(
    manager,
    users.toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id)),
  );
}

export async function withRoles(manager: EntityManager, users: User[]): Promise<UserRecord[]> {
  const rows = users.length === 0 ? [] : await manager.findBy(UserRole, { userId: In(users.map(({ id }) => id)) });
  return users.map((user) => {
    const roles = rows.filter(({ userId }) => userId === user.id).map(({ role }) => role);
    return toRecord(user, roles.toSorted());
  });
}

export function toRecord(user: User, roles: readonly string[]): UserRecord {
  const { id, name, fullName, enabled, createdAt, updatedAt } = user;
  return { id, name, fullName, enabled, roles, revision: revisionOf(user), createdAt, updatedAt };
}

/** Stores what a search finds a new user by. */
export async function insertWords(
  manager: EntityManager,
  { id: userId, name, fullName }: Pick<User, 'id' | 'name' | 'fullName'>,
): Promise<void> {
  const words = new Set([searchKeyOf(name), ...wordsOf(fullName)]);
  await manager.insert(
    UserWord,
    [...words].map((word) => ({ userId, word })),
  );
}

/** The same for a user whose full name has changed. */
export async function replaceWords(
  manager: EntityManager,
  user: Pick<User, 'id' | 'name' | 'fullName'>,
): Promise<void> {
  await manager.delete(UserWord, { userId: user.id });
  await insertWords(manager, user);
}

/** Replaces the roles of a user. @returns the new ones, sorted, each once. */
export async function setRoles(manager: EntityManager, userId: string, roles: readonly string[]): Promise<string[]> {
  const wanted = await requireRoles(manager, roles);
  await manager.delete(UserRole, { userId });
  const rows = wanted.map((role) => ({ userId, role }));
  try {
    if (rows.length > 0) await manager.insert(UserRole, rows);
  } catch (error) {
    throw isForeignKey(error) ? unknownRole(wanted) : error; // a role was deleted meanwhile
  }
  return wanted;
}

/** @returns the roles, sorted, each once. @throws LatchkeyError `validation_failed` when one does not exist. */
export async function requireRoles(manager: EntityManager, roles: readonly string[]): Promise<string[]> {
  const wanted = [...new Set(roles)].toSorted();
  const rows = wanted.length === 0 ? [] : await manager.findBy(Role, { name: In(wanted) });
  const known = new Set(rows.map(({ name }) => name));
  const unknown = wanted.filter((role) => !known.has(role));
  if (unknown.length > 0) throw unknownRole(unknown);
  return wanted;
}

export function sameRoles(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify([...new Set(a)].toSorted()) === JSON.stringify(b.toSorted());
}

function unknownRole(roles: string[]): LatchkeyError {
  const some = roles.slice(0, NAMED_ROLES).map((role) => `"${shown(role)}"`);
  const more = roles.length > some.length ? ` Nor are there ${roles.length - some.length} more of these roles.` : '';
  return invalid('roles', 'unknown_role', `There is no role ${some.join(', ')}.${more}`);
}

export function userNotFound(name: string): LatchkeyError {
  return new LatchkeyError('not_found', noSuchUser(name));
}
