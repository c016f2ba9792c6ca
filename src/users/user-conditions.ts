import { afterPrefix, searchKeyOf } from '../database/search-key.js';

/**
 * After SELECT, with CROSS JOIN between the tables: has the engine read them in the order in which they stand. Else it
 * may guess wrong, and read all users to see who is among the few that were found. For SQLite, where CROSS JOIN is
 * enough, it is a comment.
 */
export const IN_TURN = '/*! STRAIGHT_JOIN */';

/** A condition on a user `u`, and an index that leads to the users who meet it. */
export interface UserCondition {
  /** SQL that is true for a user who meets it. */
  readonly matches: string;
  /**
   * A query for the ids of all who meet it, by an index: at most `limit` from each part of the index. The result may
   * contain others, and some ids twice, as long as the query reads no more rows than it returns. Absent where no index
   * has them.
   */
  readonly ids?: (limit: number) => string;
  readonly parameters: { readonly matches: (string | number)[]; readonly ids: (string | number)[] };
}

/** The filters of a list of users. */
export interface UserFilters {
  /** What the e-mail or the full name begins with, in any letter case. */
  readonly search?: string;
  readonly role?: string;
  readonly enabled?: boolean;
  /** Conditions of modules above, which know other tables. They are SQL, so they never come from outside. */
  readonly conditions?: readonly UserCondition[];
}

/** @param hidden the name of a user whom the list leaves out. */
export function conditionsOf(
  { search, role, enabled, conditions: further = [] }: UserFilters,
  hidden: string | undefined,
): UserCondition[] {
  const conditions = [...further];
  if (search) {
    const prefix = searchKeyOf(search);
    const range = [prefix, afterPrefix(prefix)];
    // INSTR is exact, while MySQL and MariaDB ignore blanks at the end of a string when they compare.
    const by = (column: string, most: number) =>
      `SELECT id FROM lk_users WHERE ${column} >= ? AND ${column} < ? AND INSTR(${column}, ?) = 1 LIMIT ${most}`;
    conditions.push({
      matches: '(INSTR(u.name, ?) = 1 OR INSTR(u.full_name_key, ?) = 1)',
      ids: (most) =>
        `SELECT * FROM (${by('name', most)}) AS by_name
          UNION SELECT * FROM (${by('full_name_key', most)}) AS by_full_name`,
      parameters: { matches: [prefix, prefix], ids: [...range, prefix, ...range, prefix] },
    });
  }
  if (role !== undefined) {
    conditions.push({
      matches: 'EXISTS (SELECT 1 FROM lk_user_roles r WHERE r.user_id = u.id AND r.role = ?)',
      ids: (most) => `SELECT user_id AS id FROM lk_user_roles WHERE role = ? LIMIT ${most}`,
      parameters: { matches: [role], ids: [role] },
    });
  }
  if (enabled !== undefined) {
    conditions.push({
      matches: 'u.enabled = ?',
      ids: (most) => `SELECT id FROM lk_users WHERE enabled = ? LIMIT ${most}`,
      parameters: { matches: [Number(enabled)], ids: [Number(enabled)] },
    });
  }
  if (hidden !== undefined) conditions.push({ matches: 'u.name <> ?', parameters: { matches: [hidden], ids: [] } });
  return conditions;
}
