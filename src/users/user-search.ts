import type { Database } from '../database/database.js';
import {
  byIndexOf,
  type Candidate,
  cut,
  inOrder,
  type Order,
  type Position,
  type Slice,
  stepFor,
  walk,
} from './slice.js';
import { conditionsOf, IN_TURN, type UserCondition, type UserFilters } from './user-conditions.js';

/** The first is what a list has when nothing else is said; `-` is for descending. */
export const USER_SORTS = ['-createdAt', 'createdAt', 'fullName', '-fullName'] as const;
export type UserSort = (typeof USER_SORTS)[number];

export interface UserQuery extends UserFilters {
  readonly limit: number;
  /** From after this place of the same list in the same order on; from its beginning without it. */
  readonly after?: Position;
  readonly sort?: UserSort;
}

/** How many users there are. */
export interface UserCount {
  readonly count: number;
  /** There may be more: counting has stopped. */
  readonly atLeast: boolean;
}

/** A condition that no more users meet is rare: all who meet it are sorted. */
const RARE = 1000;
/** So many users are looked at one by one, in the hope that enough of them meet common conditions. */
const WALKED = 5000;
/** A condition that no more users meet is still rare enough to sort all who meet it, when that hope was vain. */
const SORTED = 50_000;
/** Of so many users it is counted how many meet all conditions. */
const COUNTED = 50_000;

const BY_AGE = { index: 'lk_users_created', at: 'u.created_at', id: 'u.id', type: 'number' } as const;
/** Names that differ in letter case alone are equals. */
const BY_FULL_NAME = { index: 'lk_users_full_name', at: 'u.full_name_key', id: 'u.id', type: 'string' } as const;

function orderOf(sort: UserSort): Order {
  return { ...(sort.endsWith('createdAt') ? BY_AGE : BY_FULL_NAME), descending: sort.startsWith('-') };
}

/** All conditions at once. Compared with 1, since engines turn a bare EXISTS into a join, and may begin at its far end. */
function all(conditions: UserCondition[]) {
  return {
    holds: conditions.length === 0 ? '1' : `(${conditions.map(({ holds }) => holds).join(' AND ')}) = 1`,
    parameters: conditions.flatMap(({ parameters }) => parameters.holds),
  };
}

/**
 * Users who meet all conditions, in order. No one index has every prefix, role and state in every order. So if one of the
 * conditions is rare, an index gives all who meet it; and if each is common, walking from the first user on soon finds
 * enough, unless those who meet them come late. The work is bounded in every case, and does not grow with the number of
 * the page.
 * @param hidden the name of a user who is left out.
 */
export async function findUserIds(
  database: Database,
  { limit, after, sort = '-createdAt', ...filters }: UserQuery,
  hidden: string | undefined,
): Promise<Slice<string>> {
  const conditions = conditionsOf(filters, hidden);
  const { holds, parameters } = all(conditions);
  const order = orderOf(sort);
  const columns = `u.id, ${order.at} AS at`;

  const sorted = async (most: number): Promise<Slice<string> | undefined> => {
    const found = await rarest(database, conditions, most);
    if (!found) return undefined;
    const place = inOrder(order, after);
    const sql = `
      SELECT ${IN_TURN} ${columns}, 1 AS holds FROM ${found.users}
       WHERE ${holds} AND ${place.where} ORDER BY ${place.order} LIMIT ${stepFor(limit)}`;
    const rows = await database.select<Candidate>(sql, [...found.parameters, ...parameters, ...place.parameters]);
    return cut(rows, limit, order);
  };
  const walked = (from: Position | undefined, most: number) =>
    walk({ limit, after: from, most, type: order.type }, (next, size) => {
      const place = inOrder(order, next);
      const sql = `
        SELECT ${columns}, (${holds}) AS holds FROM lk_users u ${byIndexOf(order)}
         WHERE ${place.where} ORDER BY ${place.order} LIMIT ${size}`;
      return database.select<Candidate>(sql, [...parameters, ...place.parameters]);
    });

  const few = await sorted(RARE);
  if (few) return few;
  const near = await walked(after, WALKED);
  if (near.items.length === limit || near.next === undefined) return near;
  // Rather a page with fewer than one that takes long; one with nobody only after as many again.
  return (await sorted(SORTED)) ?? (near.items.length > 0 ? near : walked(near.next, WALKED));
}

/** How many users meet all conditions; of some 50,000 of them when none of the conditions is met by fewer. */
export async function countUsers(
  database: Database,
  filters: UserFilters,
  hidden: string | undefined,
): Promise<UserCount> {
  const conditions = conditionsOf(filters, hidden);
  const { holds, parameters } = all(conditions);
  const found = (await rarest(database, conditions, RARE)) ?? (await rarest(database, conditions, COUNTED));
  if (found) {
    const sql = `SELECT ${IN_TURN} COUNT(*) AS count FROM ${found.users} WHERE ${holds}`;
    const [row] = await database.select<{ count: number | string }>(sql, [...found.parameters, ...parameters]);
    return { count: Number(row!.count), atLeast: false };
  }
  const sql = `
    SELECT COALESCE(SUM(holds), 0) AS count, COUNT(*) AS seen
      FROM (SELECT (${holds}) AS holds FROM lk_users u ORDER BY u.id LIMIT ${COUNTED + 1}) AS looked_at`;
  const [row] = await database.select<{ count: number | string; seen: number | string }>(sql, parameters);
  return { count: Number(row!.count), atLeast: Number(row!.seen) > COUNTED };
}

/** The users `u` to whom the index of the first condition leads that leads to `most` at most; undefined when none does. */
async function rarest(
  database: Database,
  conditions: UserCondition[],
  most: number,
): Promise<{ users: string; parameters: (string | number)[] } | undefined> {
  for (const { ids, parameters } of conditions) {
    if (!ids) continue;
    const sql = `SELECT COUNT(*) AS count FROM (${ids(most + 1)}) AS found`;
    const [row] = await database.select<{ count: number | string }>(sql, parameters.ids);
    if (Number(row!.count) > most) continue;
    const users = `(SELECT DISTINCT id FROM (${ids(most + 1)}) AS entries) AS found CROSS JOIN lk_users u ON u.id = found.id`;
    return { users, parameters: parameters.ids };
  }
  return undefined;
}
