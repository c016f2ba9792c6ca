import { byIndexOf } from '../users/list-page.js';
import { IN_TURN, type UserCondition } from '../users/user-conditions.js';

/** The filters of a list of users by their keys. */
export const KEY_FILTERS = [
  'live',
  'never-used',
  'unused-30-days',
  'unused-90-days',
  'expiring',
  'revoked',
  'none',
] as const;
export type KeyFilter = (typeof KEY_FILTERS)[number];
/** The filters that are about a live secret. */
export type LiveFilter = Exclude<KeyFilter, 'revoked' | 'none'>;

export const DAY_MS = 24 * 60 * 60_000;
const EXPIRING_MS = 30 * DAY_MS;

/** A condition on a secret `s`. */
interface Part {
  /** The one that has this range, all columns included; by its own guess MySQL takes another now and then. */
  readonly index: string;
  readonly sql: string;
  readonly parameters: readonly number[];
}

const BY_USE = 'lk_api_secrets_use';
const BY_END = 'lk_api_secrets_end';

/** Neither revoked nor expired. */
function live(now: number): Pick<Part, 'sql' | 'parameters'> {
  return { sql: 's.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > ?)', parameters: [now] };
}

/**
 * The secrets of keys in that state: one part for each range of an index of lk_api_secrets. The parts do not overlap. Each
 * may contain dead secrets as well.
 */
function parts(filter: LiveFilter, now: number): Part[] {
  const part = (index: string, sql: string, ...parameters: number[]) => ({
    index,
    sql: `s.revoked_at IS NULL AND ${sql}`,
    parameters,
  });
  const unusedSince = (time: number) => [
    part(BY_USE, 's.last_used_at < ?', time),
    part(BY_USE, 's.last_used_at IS NULL AND s.created_at < ?', time),
  ];
  switch (filter) {
    case 'live':
      return [part(BY_END, 's.expires_at IS NULL'), part(BY_END, 's.expires_at > ?', now)];
    case 'never-used':
      return [part(BY_USE, 's.last_used_at IS NULL')];
    case 'unused-30-days':
      return unusedSince(now - 30 * DAY_MS);
    case 'unused-90-days':
      return unusedSince(now - 90 * DAY_MS);
    case 'expiring':
      return [part(BY_END, 's.expires_at > ? AND s.expires_at <= ?', now, now + EXPIRING_MS)];
  }
}

const KEY = 'SELECT 1 FROM lk_api_keys k WHERE k.user_id = u.id';

/**
 * Compared with 1, so that every engine goes from the user to the key to its few secrets, and never starts at all
 * secrets.
 */
function secretOf(condition: string): string {
  const from = 'lk_api_keys k JOIN lk_api_secrets s ON s.api_key = k.api_key';
  return `SELECT 1 FROM ${from} WHERE k.user_id = u.id AND (${condition}) = 1`;
}

/** The condition on users `u` that their key is in that state, at the time `now`. */
export function keyCondition(filter: KeyFilter, now: number): UserCondition {
  const isLive = live(now);
  if (filter === 'none') return { matches: `NOT EXISTS (${KEY})`, parameters: { matches: [], ids: [] } };
  if (filter === 'revoked') {
    // A key without a live secret has a dead one. So do many others, whose secret was replaced.
    const dead = [
      { index: BY_END, sql: 's.revoked_at IS NOT NULL', parameters: [] },
      { index: BY_END, sql: 's.revoked_at IS NULL AND s.expires_at <= ?', parameters: [now] },
    ];
    return {
      matches: `EXISTS (${KEY}) AND NOT EXISTS (${secretOf(isLive.sql)})`,
      ids: ownersOf(dead),
      parameters: { matches: [...isLive.parameters], ids: dead.flatMap(({ parameters }) => parameters) },
    };
  }
  const those = parts(filter, now);
  const parameters = those.flatMap((part) => part.parameters);
  const any = those.map(({ sql }) => `(${sql})`).join(' OR ');
  return {
    matches: `EXISTS (${secretOf(`${isLive.sql} AND (${any})`)})`,
    ids: ownersOf(those),
    parameters: { matches: [...isLive.parameters, ...parameters], ids: parameters },
  };
}

/** The owners of the first `limit` secrets of each part. A key without an owner has no secrets. */
function ownersOf(some: readonly Part[]): (limit: number) => string {
  return (limit) => {
    const keys = some.map(
      (part) => `SELECT s.api_key FROM lk_api_secrets s ${byIndexOf(part)} WHERE ${part.sql} LIMIT ${limit}`,
    );
    const all = keys.map((each, i) => `SELECT * FROM (${each}) AS part${i}`).join(' UNION ALL ');
    return `SELECT ${IN_TURN} k.user_id AS id FROM (${all}) AS those CROSS JOIN lk_api_keys k ON k.api_key = those.api_key`;
  };
}

/** From a user `u` to the secrets of its key. */
const SECRETS_OF_DISABLED = `
  lk_users u CROSS JOIN lk_api_keys k ON k.user_id = u.id CROSS JOIN lk_api_secrets s ON s.api_key = k.api_key
   WHERE u.enabled = 0`;

/**
 * An SQL expression: how many enabled users have a live secret in that state, without the owner of the key `hidden`. An
 * index of secrets counts them all; from those, the few of disabled users are taken away.
 */
export function keyCount(filter: LiveFilter, now: number, hidden: string) {
  const isLive = live(now);
  const those = parts(filter, now);
  const any = those.map(({ sql }) => `(${sql})`).join(' OR ');
  // A key may have several of these secrets. All parts of a filter are ranges of one index.
  const all = `(SELECT COUNT(DISTINCT s.api_key) FROM lk_api_secrets s ${byIndexOf(those[0]!)} WHERE (${any}) AND ${isLive.sql} AND s.api_key <> ?)`;
  const ofDisabled = `(SELECT ${IN_TURN} COUNT(DISTINCT k.api_key) FROM ${SECRETS_OF_DISABLED} AND (${isLive.sql} AND (${any})) = 1)`;
  return {
    sql: `${all} - ${ofDisabled}`,
    parameters: [
      ...those.flatMap(({ parameters }) => parameters),
      ...isLive.parameters,
      hidden,
      ...isLive.parameters,
      ...those.flatMap(({ parameters }) => parameters),
    ],
  };
}

/** The same: how many enabled users have a key, whatever its state; `hidden` is the id of one who does not count. */
export function ownerCount(hidden: string) {
  const ofDisabled = 'lk_users u CROSS JOIN lk_api_keys k ON k.user_id = u.id WHERE u.enabled = 0';
  return {
    sql: `(SELECT COUNT(*) FROM lk_api_keys k WHERE k.user_id <> ?) - (SELECT ${IN_TURN} COUNT(*) FROM ${ofDisabled})`,
    parameters: [hidden],
  };
}
