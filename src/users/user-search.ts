import type { Database } from '../database/database.js';
import { afterPrefix, searchKeyOf } from '../database/search-key.js';
import { type Candidate, cut, newestFirst, type Position, type Slice, stepFor, walk } from './slice.js';

export interface UserQuery {
  readonly limit: number;
  /** From after this place on; from the newest without it. */
  readonly after?: Position;
  /** What the e-mail or the full name begins with, in any letter case. */
  readonly search?: string;
  readonly role?: string;
  readonly enabled?: boolean;
}

/** A condition, as what holds of a user `u`, and as a query for the ids of all of whom it holds, by an index. */
interface Condition {
  readonly holds: string;
  /** At most so many from each index. */
  readonly ids: (limit: number) => string;
  readonly parameters: { readonly holds: (string | number)[]; readonly ids: (string | number)[] };
}

/** A condition that no more users meet is rare: all who meet it are read. */
const RARE = 1000;
/** So many users are looked at one by one, in the hope that enough of them meet common conditions. */
const WALKED = 5000;
/** A condition that no more users meet is still rare enough to sort all who meet it, when that hope was vain. */
const SORTED = 50_000;

/**
 * Users who meet all conditions, newest first. No one index has every prefix, role and state in order of age. So if one
 * of the conditions is rare, an index gives all who meet it; and if each is common, walking from the newest user on soon
 * finds enough, unless those who meet them are all old. The work is bounded in every case, and does not grow with the
 * number of the page.
 * @param hidden the name of a user who is left out.
 */
export async function findUserIds(
  database: Database,
  { limit, after, ...filters }: UserQuery,
  hidden: string | undefined,
): Promise<Slice<string>> {
  const conditions = conditionsOf(filters);
  const holds = [...conditions.map((condition) => condition.holds), ...(hidden === undefined ? [] : ['u.name <> ?'])];
  const all = holds.join(' AND ') || '1 = 1';
  const parameters = conditions.flatMap((condition) => condition.parameters.holds);
  if (hidden !== undefined) parameters.push(hidden);
  const columns = 'u.id, u.created_at AS createdAt';

  for (const { ids, parameters: own } of conditions) {
    const sql = `SELECT ${columns}, (${all}) AS holds FROM (${ids(RARE + 1)}) AS found JOIN lk_users u ON u.id = found.id`;
    const found = await database.select<Candidate>(sql, [...parameters, ...own.ids]);
    if (found.length <= RARE) return cut({ limit, after }, found);
  }

  const steps = { limit, after, most: conditions.length === 0 ? Infinity : WALKED };
  const walked = await walk(steps, (from, size) => {
    const { where, order, parameters: place } = newestFirst('u.created_at', 'u.id', from);
    const sql = `SELECT ${columns}, (${all}) AS holds FROM lk_users u WHERE ${where} ORDER BY ${order} LIMIT ${size}`;
    return database.select<Candidate>(sql, [...parameters, ...place]);
  });
  if (walked.items.length === limit || walked.next === undefined) return walked;

  for (const { ids, parameters: own } of conditions) {
    const counted = `SELECT COUNT(*) AS count FROM (${ids(SORTED + 1)}) AS found`;
    const [row] = await database.select<{ count: number | string }>(counted, own.ids);
    if (Number(row!.count) > SORTED) continue;
    const { where, order, parameters: place } = newestFirst('u.created_at', 'u.id', after);
    const sql = `
      SELECT ${columns}, 1 AS holds FROM (${ids(SORTED)}) AS found JOIN lk_users u ON u.id = found.id
       WHERE ${all} AND ${where} ORDER BY ${order} LIMIT ${stepFor(limit)}`;
    return cut({ limit, after }, await database.select<Candidate>(sql, [...own.ids, ...parameters, ...place]));
  }
  return walked;
}

function conditionsOf({ search, role, enabled }: Pick<UserQuery, 'search' | 'role' | 'enabled'>): Condition[] {
  const conditions: Condition[] = [];
  if (search) {
    const prefix = searchKeyOf(search);
    const range = [prefix, afterPrefix(prefix)];
    // INSTR is exact, while MySQL and MariaDB ignore blanks at the end of a string when they compare.
    const by = (column: string, most: number) =>
      `SELECT id FROM lk_users WHERE ${column} >= ? AND ${column} < ? AND INSTR(${column}, ?) = 1 LIMIT ${most}`;
    conditions.push({
      holds: '(INSTR(u.name, ?) = 1 OR INSTR(u.full_name_key, ?) = 1)',
      ids: (most) =>
        `SELECT * FROM (${by('name', most)}) AS by_name
          UNION SELECT * FROM (${by('full_name_key', most)}) AS by_full_name`,
      parameters: { holds: [prefix, prefix], ids: [...range, prefix, ...range, prefix] },
    });
  }
  if (role !== undefined) {
    conditions.push({
      holds: 'EXISTS (SELECT 1 FROM lk_user_roles r WHERE r.user_id = u.id AND r.role = ?)',
      ids: (most) => `SELECT user_id AS id FROM lk_user_roles WHERE role = ? LIMIT ${most}`,
      parameters: { holds: [role], ids: [role] },
    });
  }
  if (enabled !== undefined) {
    conditions.push({
      holds: 'u.enabled = ?',
      ids: (most) => `SELECT id FROM lk_users WHERE enabled = ? LIMIT ${most}`,
      parameters: { holds: [Number(enabled)], ids: [Number(enabled)] },
    });
  }
  return conditions;
}
