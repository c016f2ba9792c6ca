import { afterPrefix, searchKeyOf } from '../database/search-key.js';

/**
 * After SELECT, with CROSS JOIN between the tables: they are read in the order in which they stand, and not, as engines may
 * guess, all users to see who is among the few that were found. For SQLite, where CROSS JOIN is enough, it is a comment.
 */
export const IN_TURN = '/*! STRAIGHT_JOIN */';

/** A condition on a user `u`: what holds of all who meet it, and an index that leads to them. */
export interface UserCondition {
  readonly holds: string;
  /**
   * A query for the ids of all who meet it, by an index: at most `limit` from each part of one. It may have others among
   * them, and some twice, as long as it reads no more than it gives. Absent where no index has them.
   */
  readonly ids?: (limit: number) => string;
  readonly parameters: { readonly holds: (string | number)[]; readonly ids: (string | number)[] };
}

/** What a list of users can be narrowed by. */
export interface UserFilters {
  /** What the e-mail or the full name begins with, in any letter case. */
  readonly search?: string;
  readonly role?: string;
  readonly enabled?: boolean;
  /** Of modules above, which know other tables. SQL: never from outside. */
  readonly conditions?: readonly UserCondition[];
}

/** @param hidden the name of a user who is left out. */
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
  if (hidden !== undefined) conditions.push({ holds: 'u.name <> ?', parameters: { holds: [hidden], ids: [] } });
  return conditions;
}
