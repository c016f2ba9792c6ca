import { type EntityManager, In } from 'typeorm';
import { isForeignKey } from '../database/driver-errors.js';
import { invalid, LatchkeyError } from '../latchkey.error.js';
import { Role } from './role.entity.js';
import { UserRole } from './user-role.entity.js';
import { User } from './user.entity.js';
import { noSuchUser } from './user-name.js';

export interface UserRecord {
  readonly id: string;
  readonly name: string;
  readonly fullName: string;
  readonly enabled: boolean;
  readonly roles: readonly string[];
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Where the next page starts: after this row, newest first. */
export interface Position {
  readonly createdAt: Date;
  readonly id: string;
}

/**
 * Takes the lock that orders all changes of one user, its roles and its key: the first statement of their transactions.
 * It counts the version up, and so works alike on every engine.
 * @throws LatchkeyError `not_found`.
 */
export async function lockUser(manager: EntityManager, name: string, changes: Partial<User> = {}): Promise<void> {
  // MySQL and MariaDB ignore blanks at the end of a string when they compare.
  const { affected } = name.endsWith(' ')
    ? { affected: 0 }
    : await manager.update(User, { name }, { ...changes, version: () => 'version + 1', updatedAt: new Date() });
  if (affected === 0) throw userNotFound(name);
}

export async function loadUser(manager: EntityManager, name: string): Promise<UserRecord | undefined> {
  const user = await manager.findOneBy(User, { name });
  return user?.name === name ? (await withRoles(manager, [user]))[0] : undefined;
}

export async function withRoles(manager: EntityManager, users: User[]): Promise<UserRecord[]> {
  const rows = users.length === 0 ? [] : await manager.findBy(UserRole, { userId: In(users.map(({ id }) => id)) });
  return users.map((user) => ({
    ...user,
    roles: rows
      .filter(({ userId }) => userId === user.id)
      .map(({ role }) => role)
      .toSorted(),
  }));
}

/** Replaces the roles of a user. @returns the new ones, sorted, each once. */
export async function setRoles(manager: EntityManager, userId: string, roles: readonly string[]): Promise<string[]> {
  const wanted = [...new Set(roles)].toSorted();
  const known = new Set(
    wanted.length === 0 ? [] : (await manager.findBy(Role, { name: In(wanted) })).map(({ name }) => name),
  );
  const unknown = wanted.filter((role) => !known.has(role));
  if (unknown.length > 0) throw unknownRole(unknown);
  await manager.delete(UserRole, { userId });
  const rows = wanted.map((role) => ({ userId, role }));
  try {
    if (rows.length > 0) await manager.insert(UserRole, rows);
  } catch (error) {
    throw isForeignKey(error) ? unknownRole(wanted) : error; // one was deleted in between
  }
  return wanted;
}

export function sameRoles(a: readonly string[], b: readonly string[]): boolean {
  return [...new Set(a)].toSorted().join('\n') === [...b].toSorted().join('\n');
}

function unknownRole(roles: string[]): LatchkeyError {
  return invalid('roles', 'unknown_role', `There is no role "${roles.join('", "')}".`);
}

export function userNotFound(name: string): LatchkeyError {
  return new LatchkeyError('not_found', noSuchUser(name));
}
