import type { Database } from '../database/database.js';
import {
  byIndexOf,
  type Candidate,
  inOrder,
  type ListPage,
  type Order,
  type Position,
  scan,
} from '../users/list-page.js';
import type { SecretState } from './api-key-rows.js';

/** Conditions on secrets; all that are given have to be met. */
export interface SecretFilters {
  readonly state?: SecretState;
  readonly name?: string;
  /** The API key of one user. */
  readonly apiKey?: string;
  readonly usedSince?: Date;
  /** One that was never used counts when it is older than that. */
  readonly notUsedSince?: Date;
  readonly expiresBefore?: Date;
}

export const STATES: readonly SecretState[] = ['live', 'retiring', 'expired', 'revoked'];

/** At most so many secrets are scanned for one page. */
const SCANNED = 10_000;

/** A range of an index of lk_api_secrets, in its order. */
interface Part extends Order {
  readonly where?: string;
  readonly parameters?: readonly (string | number)[];
  /** Where it begins. */
  readonly start?: Position;
}

interface Condition {
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
}

const ascending = (column: string, index: string): Part => ({
  index: `lk_api_secrets_${index}`,
  at: `s.${column}`,
  id: 's.id',
  type: 'number',
  descending: false,
});
const descending = (column: string, index: string): Part => ({ ...ascending(column, index), descending: true });
const from = (at: number): Position => ({ at, id: '' });

/**
 * The order that a list with these filters has, each by an index: by the first of them that has one. A retiring secret comes
 * the earlier the sooner it ends, a used one the later it was used, an unused one the longer ago; else the newest is first.
 */
function partOf({ state, name, apiKey, usedSince, notUsedSince, expiresBefore }: SecretFilters, now: number): Part {
  if (apiKey !== undefined) {
    return { ...descending('created_at', 'api_key'), where: 's.api_key = ?', parameters: [apiKey] };
  }
  if (state === 'retiring') return { ...ascending('retires_at', 'retiring'), start: from(now) };
  if (name !== undefined) return { ...descending('created_at', 'name'), where: 's.name = ?', parameters: [name] };
  const { index, among } = byUse(state);
  if (usedSince) {
    const where = `${among} AND s.last_used_at >= ?`;
    return { ...descending('last_used_at', index), where, parameters: [usedSince.getTime()] };
  }
  if (notUsedSince) {
    const where = `${among} AND s.last_used_at < ?`;
    return { ...ascending('last_used_at', index), where, parameters: [notUsedSince.getTime()] };
  }
  if (expiresBefore) {
    const where = 's.expires_at < ?';
    const start = from(state === 'live' ? now : 0);
    return { ...ascending('expires_at', 'expiring'), where, parameters: [expiresBefore.getTime()], start };
  }
  if (state === 'expired') return { ...descending('expires_at', 'expiring'), start: from(now) };
  if (state === 'revoked') return { ...descending('revoked_at', 'revoked'), where: 's.revoked_at IS NOT NULL' };
  return descending('created_at', 'newest');
}

/** Many revoked secrets were used long ago, and stand in the way of the few others. */
function byUse(state: SecretState | undefined): { index: string; among: string } {
  const isUnrevoked = state !== undefined && state !== 'revoked';
  return isUnrevoked ? { index: 'unrevoked_used', among: 's.revoked_at IS NULL' } : { index: 'used', among: '1 = 1' };
}

/** Names the order of a list with these filters: a cursor is good for that one alone. */
export function orderName(filters: SecretFilters): string {
  return partOf(filters, 0).index;
}

function conditions(filters: SecretFilters, now: number, hiddenKey: string): Condition[] {
  const { state, name, usedSince, notUsedSince, expiresBefore } = filters;
  const all: Condition[] = [{ sql: 's.api_key <> ?', parameters: [hiddenKey] }];
  const add = (sql: string, ...parameters: (string | number)[]) => all.push({ sql, parameters });
  if (state === 'live') {
    add('s.revoked_at IS NULL AND s.retires_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > ?)', now);
  }
  if (state === 'retiring') add('s.revoked_at IS NULL AND s.retires_at > ?', now);
  if (state === 'expired') add('s.revoked_at IS NULL AND s.expires_at <= ?', now);
  if (state === 'revoked') add('s.revoked_at IS NOT NULL');
  if (name !== undefined) add('s.name = ?', name);
  if (usedSince) add('s.last_used_at >= ?', usedSince.getTime());
  if (notUsedSince) {
    const time = notUsedSince.getTime();
    add('(s.last_used_at < ? OR (s.last_used_at IS NULL AND s.created_at < ?))', time, time);
  }
  if (expiresBefore) add('s.expires_at < ?', expiresBefore.getTime());
  return all;
}

/**
 * The ids of the next secrets that meet all conditions, in the order of `partOf`.
 * @param hiddenKey a key whose secrets are left out; '' for none.
 */
export async function findSecretIds(
  database: Database,
  { limit, after, ...filters }: SecretFilters & { limit: number; after?: Position },
  hiddenKey: string,
): Promise<ListPage<string>> {
  const now = Date.now();
  const all = conditions(filters, now, hiddenKey);
  const matches = all.map(({ sql }) => `(${sql})`).join(' AND ');
  const asked = all.flatMap(({ parameters }) => parameters);
  const part = partOf(filters, now);
  const { among } = byUse(filters.state);

  const scanned = (first: Position | undefined) =>
    scan({ limit, after: first, most: SCANNED, type: part.type }, (next, size) => {
      const place = inOrder(part, next);
      const sql = `
        SELECT s.id AS id, ${part.at} AS at, (${matches}) AS matches FROM lk_api_secrets s ${byIndexOf(part)}
         WHERE ${part.where ?? '1 = 1'} AND ${place.where} ORDER BY ${place.order} LIMIT ${size}`;
      return database.select<Candidate>(sql, [...asked, ...(part.parameters ?? []), ...place.parameters]);
    });
  // Those that were never used, after those that were: an index has them in a range of its own.
  const neverUsed = (most: number, first: string) =>
    scan({ limit: most, after: { at: 0, id: first }, most: SCANNED, type: 'number' }, (next, size) =>
      database.select<Candidate>(
        `SELECT s.id AS id, 0 AS at, (${matches}) AS matches FROM lk_api_secrets s ${byIndexOf(part)}
          WHERE ${among} AND s.last_used_at IS NULL AND s.id > ? ORDER BY s.id LIMIT ${size}`,
        [...asked, next!.id],
      ),
    );

  const isByUse = part.at === 's.last_used_at' && !part.descending;
  if (!isByUse) return scanned(after ?? part.start);
  const used = after?.isRest ? { items: [], next: undefined } : await scanned(after ?? part.start);
  if (used.next) return used;
  const rest = await neverUsed(limit - used.items.length, after?.isRest ? after.id : '');
  return { items: [...used.items, ...rest.items], next: rest.next && { ...rest.next, isRest: true } };
}
