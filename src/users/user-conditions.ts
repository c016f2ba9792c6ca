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
  /** With what the e-mail or a word of the full name begins, in any letter case; of several words each. */
  readonly search?: string;
  readonly role?: string;
  readonly enabled?: boolean;
  /** Conditions of modules above, which know other tables. They are SQL, so they never come from outside. */
  readonly conditions?: readonly UserCondition[];
}

/** At most so many words of a search are looked at. */
const MAX_WORDS = 5;

/** The words of a search, the longest first: they are likely to be the rarest. A beginning of another adds nothing. */
function prefixesOf(search: string): string[] {
  const words = searchKeyOf(search)
    .split(/\s+/)
    .filter((word) => word !== '')
    .toSorted((a, b) => b.length - a.length);
  return words.filter((word, i) => !words.slice(0, i).some((longer) => longer.startsWith(word))).slice(0, MAX_WORDS);
}

/** @param hidden the name of a user whom the list leaves out. */
export function conditionsOf(
  { search, role, enabled, conditions: further = [] }: UserFilters,
  hidden: string | undefined,
): UserCondition[] {
  const conditions = [...further];
  if (search) {
    for (const prefix of prefixesOf(search)) {
      const range = [prefix, afterPrefix(prefix)];
      conditions.push({
        matches: 'EXISTS (SELECT 1 FROM lk_user_words w WHERE w.user_id = u.id AND w.word >= ? AND w.word < ?)',
        ids: (most) => `SELECT user_id AS id FROM lk_user_words WHERE word >= ? AND word < ? LIMIT ${most}`,
        parameters: { matches: range, ids: range },
      });
    }
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
