import type { Database } from '../database/database.js';
import {
  byIndexOf,
  type Candidate,
  inOrder,
  type ListPage,
  type Order,
  type Position,
  scan,
  stepFor,
  takePage,
} from './list-page.js';
import { conditionsOf, IN_TURN, type UserCondition, type UserFilters } from './user-conditions.js';

/** The first is the default; `-` is for descending. */
export const USER_SORTS = ['-createdAt', 'createdAt', 'fullName', '-fullName'] as const;
export type UserSort = (typeof USER_SORTS)[number];

/** An order of users `u`. It is SQL, so it never comes from outside. */
export interface UserOrder extends Order {
  /** What is read in that order, from its index on to the user. */
  readonly from: string;
  /** The same from the user on: what comes after `lk_users u`. */
  readonly join: string;
  /** Which rows of the index count, with `parameters`. */
  readonly where: string;
  readonly parameters: readonly (string | number)[];
  /** Where the index has the first of them, if that is not at its end. */
  readonly start?: Position;
  /** The condition on a user that has no such row. These users come after all others, the newest first. */
  readonly rest?: UserCondition;
}

export interface UserQuery extends UserFilters {
  readonly limit: number;
  /** The page begins after this place of the same list in the same order; without it, at the beginning. */
  readonly after?: Position;
  readonly sort?: UserSort;
  /** An order of a module above, in place of `sort`. */
  readonly order?: UserOrder;
}

/** How many users there are. */
export interface UserCount {
  readonly count: number;
  /** Whether there may be more: counting has stopped at `count`. */
  readonly atLeast: boolean;
}

/** A condition that at most so many users meet is rare: all who meet it are sorted. */
const RARE = 1000;
/** At most so many users are scanned, in the hope that enough of them meet common conditions. */
const SCANNED = 5000;
/** When the scan found too few: a condition that at most so many users meet is rare enough to sort all of them. */
const SORTED = 50_000;
/** At most so many users are looked at for a count. */
const COUNTED = 50_000;

const BY_AGE = { index: 'lk_users_created', at: 'u.created_at', id: 'u.id', type: 'number' } as const;
/** Names that differ only in letter case are equal. */
const BY_FULL_NAME = { index: 'lk_users_full_name', at: 'u.full_name_key', id: 'u.id', type: 'string' } as const;
/** Before the first of the users who have no place in an order: younger than any (ECMA-262, section 21.4.1.1). */
const REST: Position = { at: 8.64e15, id: '', isRest: true };

function orderOf(sort: UserSort): UserOrder {
  const by = sort.endsWith('createdAt') ? BY_AGE : BY_FULL_NAME;
  const from = `lk_users u ${byIndexOf(by)}`;
  return { ...by, descending: sort.startsWith('-'), from, join: '', where: '1 = 1', parameters: [] };
}

/**
 * All conditions together. Compared with 1, since engines turn a bare EXISTS into a join, and may begin at its far end.
 */
function all(conditions: UserCondition[]) {
  return {
    matches: conditions.length === 0 ? '1' : `(${conditions.map(({ matches }) => matches).join(' AND ')}) = 1`,
    parameters: conditions.flatMap(({ parameters }) => parameters.matches),
  };
}

/**
 * The ids of the next users who meet all conditions, in order.
 * @param hidden the name of a user whom the list leaves out.
 */
export async function findUserIds(
  database: Database,
  { limit, after, sort = '-createdAt', order = orderOf(sort), ...filters }: UserQuery,
  hidden: string | undefined,
): Promise<ListPage<string>> {
  const conditions = conditionsOf(filters, hidden);
  const rare = once((most) => rarest(database, conditions, most));
  const { rest } = order;
  if (!rest) return findInOrder(database, conditions, rare, order, limit, after);
  const first = after?.isRest ? NOBODY : await findInOrder(database, conditions, rare, order, limit, after);
  if (first.next) return first;
  const missing = limit - first.items.length;
  const from = after?.isRest ? after : undefined;
  const byAge = orderOf('-createdAt');
  const others = await findInOrder(database, [...conditions, rest], rare, byAge, Math.max(missing, 1), from);
  if (missing === 0) return { items: first.items, next: others.items.length > 0 || others.next ? REST : undefined };
  return {
    items: [...first.items, ...others.items],
    next: others.next && { ...others.next, isRest: true },
  };
}

const NOBODY: ListPage<string> = { items: [], next: undefined };

/**
 * No single index has every search, role and state in every order. If one of the conditions is rare, an index gives all
 * who meet it. If each is common, a scan from the first user on soon finds enough, unless those who meet them come late.
 * The work is bounded in every case, and does not grow with the number of the page.
 */
async function findInOrder(
  database: Database,
  conditions: UserCondition[],
  rare: (most: number) => Promise<Rarest | undefined>,
  order: UserOrder,
  limit: number,
  after: Position | undefined = order.start,
): Promise<ListPage<string>> {
  const { matches, parameters } = all(conditions);
  const columns = `u.id AS item, ${order.id} AS id, ${order.at} AS at`;

  const sorted = async (most: number): Promise<ListPage<string> | undefined> => {
    const found = await rare(most);
    if (!found) return undefined;
    const place = inOrder(order, after);
    const sql = `
      SELECT ${IN_TURN} ${columns}, 1 AS matches FROM ${found.users} ${order.join}
       WHERE ${matches} AND ${order.where} AND ${place.where} ORDER BY ${place.order} LIMIT ${stepFor(limit)}`;
    const values = [...found.parameters, ...parameters, ...order.parameters, ...place.parameters];
    return takePage(await database.select<Candidate>(sql, values), limit, order);
  };
  const scanned = (from: Position | undefined, most: number) =>
    scan({ limit, after: from, most, type: order.type }, (next, size) => {
      const place = inOrder(order, next);
      const sql = `
        SELECT ${IN_TURN} ${columns}, (${matches}) AS matches FROM ${order.from}
         WHERE ${order.where} AND ${place.where} ORDER BY ${place.order} LIMIT ${size}`;
      return database.select<Candidate>(sql, [...parameters, ...order.parameters, ...place.parameters]);
    });

  const few = await sorted(RARE);
  if (few) return few;
  const near = await scanned(after, SCANNED);
  if (near.items.length === limit || near.next === undefined) return near;
  // A page with fewer users is better than one that takes long; a page with nobody is only given after a second scan.
  return (await sorted(SORTED)) ?? (near.items.length > 0 ? near : scanned(near.next, SCANNED));
}

/**
 * How many users meet all conditions; when each condition is met by more than 50,000, how many of some 50,000 users do.
 */
export async function countUsers(
  database: Database,
  filters: UserFilters,
  hidden: string | undefined,
): Promise<UserCount> {
  const conditions = conditionsOf(filters, hidden);
  const { matches, parameters } = all(conditions);
  const found = (await rarest(database, conditions, RARE)) ?? (await rarest(database, conditions, COUNTED));
  if (found) {
    const sql = `SELECT ${IN_TURN} COUNT(*) AS count FROM ${found.users} WHERE ${matches}`;
    const [row] = await database.select<{ count: number | string }>(sql, [...found.parameters, ...parameters]);
    return { count: Number(row!.count), atLeast: false };
  }
  const sql = `
    SELECT COALESCE(SUM(matches), 0) AS count, COUNT(*) AS seen
      FROM (SELECT (${matches}) AS matches FROM lk_users u ORDER BY u.id LIMIT ${COUNTED + 1}) AS looked_at`;
  const [row] = await database.select<{ count: number | string; seen: number | string }>(sql, parameters);
  return { count: Number(row!.count), atLeast: Number(row!.seen) > COUNTED };
}

/** Users `u` in SQL, by the index of one condition. */
interface Rarest {
  readonly users: string;
  readonly parameters: (string | number)[];
}

/** Asks for each value once: both parts of a list have the same conditions with an index. */
function once<T>(ask: (most: number) => Promise<T>): (most: number) => Promise<T> {
  const asked = new Map<number, Promise<T>>();
  return (most) => {
    const answer = asked.get(most) ?? ask(most);
    asked.set(most, answer);
    return answer;
  };
}

/** The users `u` found by the index of the first condition that gives at most `most` entries; undefined when none does. */
async function rarest(database: Database, conditions: UserCondition[], most: number): Promise<Rarest | undefined> {
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
