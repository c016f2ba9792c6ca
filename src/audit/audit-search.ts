import type { Database } from '../database/database.js';
import { type Candidate, type ListPage, type Position, scan } from '../users/list-page.js';
import type { AuditEvent } from './events.js';

/** Conditions on rows of the audit trail; all that are given have to be met. */
export interface AuditFilters {
  /** Rows by or about that user. */
  readonly user?: string;
  readonly actor?: string;
  readonly subject?: string;
  /** The id of the secret or session by which the actor acted. */
  readonly credential?: string;
  readonly apiKey?: string;
  /** What the row is about. */
  readonly secretId?: string;
  readonly address?: string;
  readonly event?: AuditEvent;
  /** At that time or later. */
  readonly from?: Date;
  /** Before that time. */
  readonly to?: Date;
}

type Value = string | number;

/** Each has an index that ends with `n`. The first one that is given is the one that is used; the rarest stand first. */
const COLUMNS = [
  ['secretId', 'secret_id', 'lk_audit_secret'],
  ['credential', 'credential', 'lk_audit_credential'],
  ['apiKey', 'api_key', 'lk_audit_api_key'],
  ['address', 'address', 'lk_audit_address'],
  ['subject', 'subject', 'lk_audit_subject'],
  ['actor', 'actor', 'lk_audit_actor'],
  ['event', 'event', 'lk_audit_event'],
] as const;

/** At most so many rows are scanned for one page. */
const SCANNED = 10_000;

/** The range of numbers that a time range has: times never go back in the trail. */
interface Range {
  readonly first: number;
  readonly last: number;
}

/**
 * The numbers of the next rows that meet all conditions.
 * @param hidden a user whom the rows may not be about; undefined for none.
 */
export async function findRows(
  database: Database,
  { limit, after, ...filters }: AuditFilters & { limit: number; after?: Position },
  { hidden, oldestFirst = false }: { hidden?: string; oldestFirst?: boolean },
): Promise<ListPage<string>> {
  const range = await rangeOf(database, filters);
  if (!range) return { items: [], next: undefined };
  const { sql: matches, values } = conditions(filters, hidden);
  const direction = oldestFirst ? 'ASC' : 'DESC';

  const most = SCANNED / partsOf(filters).length;
  return scan({ limit, after, most, type: 'number' }, async (next, size) => {
    // One bound at each end: of two, SQLite would seek the index by the first one, and step over the rows up to the other.
    const [first, end] = [range.first - 1, range.last + 1];
    const from = Number(next?.at ?? (oldestFirst ? first : end));
    const place = oldestFirst ? [Math.max(first, from), end] : [first, Math.min(end, from)];
    const part = (index: string, where: string) =>
      `SELECT n, (${matches}) AS matches FROM lk_audit /*! FORCE INDEX (${index}) */
        WHERE ${where} AND n > ? AND n < ? ORDER BY n ${direction} LIMIT ${size}`;
    const parts = partsOf(filters).map(({ index, column, value }) => ({
      sql: part(index, column === undefined ? '1 = 1' : `${column} = ?`),
      parameters: [...values, ...(value === undefined ? [] : [value]), ...place],
    }));
    // UNION leaves out the rows that both parts have.
    const found = parts.map(({ sql }, i) => `SELECT n AS id, n AS at, matches FROM (${sql}) p${i}`).join(' UNION ');
    const sql = `${found} ORDER BY id ${direction} LIMIT ${size}`;
    const parameters = parts.flatMap((each) => each.parameters);
    const rows = await database.select<Omit<Candidate, 'id'> & { id: Value }>(sql, parameters);
    return rows.map((row) => ({ ...row, id: String(row.id) })); // SQLite's driver gives a number, which no cursor may have
  });
}

/** The parts of indices that have all rows which can match. */
function partsOf(filters: AuditFilters): { index: string; column?: string; value?: Value }[] {
  for (const [field, column, index] of COLUMNS) {
    const value = filters[field];
    const isRarer = field !== 'event' || filters.user === undefined;
    if (value !== undefined && isRarer) return [{ index, column, value }];
  }
  const { user } = filters;
  if (user === undefined) return [{ index: 'PRIMARY' }];
  return [
    { index: 'lk_audit_subject', column: 'subject', value: user },
    { index: 'lk_audit_actor', column: 'actor', value: user },
  ];
}

function conditions(filters: AuditFilters, hidden: string | undefined): { sql: string; values: Value[] } {
  const parts: { sql: string; values: Value[] }[] = [{ sql: '1 = 1', values: [] }];
  for (const [field, column] of COLUMNS) {
    const value = filters[field];
    if (value !== undefined) parts.push({ sql: `${column} = ?`, values: [value] });
  }
  if (filters.user !== undefined)
    parts.push({ sql: '(subject = ? OR actor = ?)', values: [filters.user, filters.user] });
  // A role may have the name of that user.
  if (hidden !== undefined)
    parts.push({
      sql: "(subject IS NULL OR subject <> ? OR event IN ('role.created', 'role.deleted'))",
      values: [hidden],
    });
  return { sql: parts.map(({ sql }) => sql).join(' AND '), values: parts.flatMap(({ values }) => values) };
}

/** @returns undefined when no row is of that time. */
async function rangeOf(database: Database, { from, to }: AuditFilters): Promise<Range | undefined> {
  const edge = async (condition: string, order: string, values: number[]) => {
    const sql = `SELECT n FROM lk_audit WHERE ${condition} ORDER BY at ${order}, n ${order} LIMIT 1`;
    const [row] = await database.select<{ n: Value }>(sql, values);
    return row && Number(row.n);
  };
  const first = from ? await edge('at >= ?', 'ASC', [from.getTime()]) : 0;
  const last = to ? await edge('at < ?', 'DESC', [to.getTime()]) : Number.MAX_SAFE_INTEGER;
  return first === undefined || last === undefined || first > last ? undefined : { first, last };
}
