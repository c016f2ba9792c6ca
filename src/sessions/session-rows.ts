import { type EntityManager, In, LessThan } from 'typeorm';
import { keptAddress, keptAgent } from '../users/kept-origin.js';
import { Password } from './password.entity.js';
import { Session } from './session.entity.js';

const HOUR_MS = 60 * 60 * 1000;
/** A session ends when it is not used for so long. */
const IDLE_MS = 24 * HOUR_MS;
/** A session ends so long after log-in, used or not; about a week, as with Frappe. */
const LIFETIME_MS = 7 * 24 * HOUR_MS;
/** For each user. Programs that log in each time and never log out would fill the table. */
const MAX_SESSIONS = 100;

/**
 * Ends the sessions of that user, except `but`. The first statement takes the lock that a log-in takes, too. A log-in that
 * is under way either ends before, and its session ends with the others; or it comes after, and finds what has changed.
 * @returns the ids of those that were open.
 */
export async function endSessions(manager: EntityManager, userId: string, but?: string): Promise<string[]> {
  await manager.update(Password, { userId }, { usedAt: () => 'used_at' });
  const sessions = await manager.findBy(Session, { userId });
  const ended = sessions.filter(({ id }) => id !== but);
  if (ended.length > 0) await manager.delete(Session, { id: In(ended.map(({ id }) => id)) });
  return ended.filter((session) => isLive(session)).map(({ id }) => id);
}

/** @returns also the ids of the sessions that had to make room: a user has so many at most. */
export async function insertSession(
  manager: EntityManager,
  userId: string,
  digest: string,
  { address, userAgent }: { address: string; userAgent?: string },
): Promise<{ session: Session; ended: string[] }> {
  const now = new Date();
  const expiresAt = new Date(now.getTime() + LIFETIME_MS);
  const session = {
    id: crypto.randomUUID(),
    digest,
    userId,
    address: keptAddress(address),
    userAgent: userAgent === undefined ? null : keptAgent(userAgent),
    createdAt: now,
    lastSeenAt: now,
    expiresAt,
  };
  const old = await manager.find(Session, {
    where: { userId },
    order: { lastSeenAt: 'DESC' },
    skip: MAX_SESSIONS - 1,
    take: MAX_SESSIONS,
  });
  const ended = old.map(({ id }) => id);
  if (ended.length > 0) await manager.delete(Session, { id: In(ended) });
  await manager.insert(Session, session);
  return { session, ended };
}

export async function forgetExpired(manager: EntityManager): Promise<void> {
  await manager.delete(Session, { expiresAt: LessThan(new Date()) });
}

export function isLive(
  { lastSeenAt, expiresAt }: Pick<Session, 'lastSeenAt' | 'expiresAt'>,
  now = Date.now(),
): boolean {
  return expiresAt.getTime() > now && lastSeenAt.getTime() > now - IDLE_MS;
}

/**
 * Sets the password of a user.
 * @param checkedHash the hash of the password that was checked before. Only that one is replaced.
 * @returns false when another one is stored by now; then nothing was written.
 */
export async function savePassword(
  manager: EntityManager,
  userId: string,
  { hash, oneTimeUntil = null, checkedHash }: NewPassword,
): Promise<boolean> {
  const stored = { userId, ...(checkedHash !== undefined && { hash: checkedHash }) };
  const { affected } = await manager.update(Password, stored, { hash, oneTimeUntil });
  if (affected !== 0) return true;
  if (checkedHash !== undefined) return false;
  await manager.insert(Password, { userId, hash, oneTimeUntil, usedAt: null });
  return true;
}

export interface NewPassword {
  readonly hash: string;
  readonly oneTimeUntil?: Date | null;
  readonly checkedHash?: string;
}
