import type { Database } from '../database/database.js';
import { afterPrefix, searchKeyOf } from '../database/search-key.js';
import { type Candidate, cut, newestFirst, type Position, type Slice, walk } from './slice.js';

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
  readonly ids: string;
  readonly parameters: { readonly holds: (string | number)[]; readonly ids: (string | number)[] };
}

/** A condition that no more users meet is rare: they are read at once. */
const RARE = 1000;
const SOME = `LIMIT ${RARE + 1}`;

/**
 * Users who meet all conditions, newest first. No one index has every prefix, role and state in order of age. So if one
 * of the conditions is rare, an index gives all who meet it; and if each is common, walking from the newest user on soon
 * finds enough. In both cases the work is bounded, and the same on the first page as on the last.
 * @param hidden the name of a user who is left out.
 */
export async function findUserIds(
  database: Database,
  { limit, after, ...filters }: UserQuery,
  hidden: string | undefined,
): Promise<Slice<string>> {
  const conditions = conditionsOf(filters);
  const all = [...conditions.map(({ holds }) => holds), ...(hidden === undefined ? [] : ['u.name <> ?']), '1 = 1'];
  const parameters = conditions.flatMap((condition) => condition.parameters.holds);
  if (hidden !== undefined) parameters.push(hidden);
  const columns = `u.id, u.created_at AS createdAt, (${all.join(' AND ')}) AS holds`;

  for (const { ids, parameters: own } of conditions) {
    const sql = `SELECT ${columns} FROM (${ids}) AS found JOIN lk_users u ON u.id = found.id`;
    const found = await database.select<Candidate>(sql, [...parameters, ...own.ids]);
    if (found.length <= RARE) return cut({ limit, after }, found);
  }
  return walk({ limit, after }, (from, size) => {
    const { where, order, parameters: place } = newestFirst('u.created_at', 'u.id', from);
    const sql = `SELECT ${columns} FROM lk_users u WHERE ${where} ORDER BY ${order} LIMIT ${size}`;
    return database.select<Candidate>(sql, [...parameters, ...place]);
  });
}

function conditionsOf({ search, role, enabled }: Pick<UserQuery, 'search' | 'role' | 'enabled'>): Condition[] {
  const conditions: Condition[] = [];
  if (search) {
    const prefix = searchKeyOf(search);
    const range = [prefix, afterPrefix(prefix)];
    // INSTR is exact, while MySQL and MariaDB ignore blanks at the end of a string when they compare.
    const by = (column: string) =>
      `SELECT id FROM lk_users WHERE ${column} >= ? AND ${column} < ? AND INSTR(${column}, ?) = 1 ${SOME}`;
    conditions.push({
      holds: '(INSTR(u.name, ?) = 1 OR INSTR(u.full_name_key, ?) = 1)',
      ids: `SELECT * FROM (${by('name')}) AS by_name UNION SELECT * FROM (${by('full_name_key')}) AS by_full_name`,
      parameters: { holds: [prefix, prefix], ids: [...range, prefix, ...range, prefix] },
    });
  }
  if (role !== undefined) {
    conditions.push({
      holds: 'EXISTS (SELECT 1 FROM lk_user_roles r WHERE r.user_id = u.id AND r.role = ?)',
      ids: `SELECT user_id AS id FROM lk_user_roles WHERE role = ? ${SOME}`,
      parameters: { holds: [role], ids: [role] },
    });
  }
  if (enabled !== undefined) {
    conditions.push({
      holds: 'u.enabled = ?',
      ids: `SELECT id FROM lk_users WHERE enabled = ? ${SOME}`,
      parameters: { holds: [Number(enabled)], ids: [Number(enabled)] },
    });
  }
  return conditions;
}
