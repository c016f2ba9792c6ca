/** A place in a list: what the list is ordered by (milliseconds since 1970, or a text), and an id that orders equals. */
export interface Position {
  readonly at: number | string;
  readonly id: string;
  /** In the part of the list after the one that the order is about; see UserOrder. */
  readonly isRest?: true;
}

/** A page of a list, in its order. It may have fewer rows than were asked for, even none, and still have a `next`. */
export interface ListPage<T> {
  readonly items: T[];
  /** Where the next page begins; undefined at the end. */
  readonly next: Position | undefined;
}

/** A row of the table: its place, and whether it belongs to the list. Numbers are as the driver gives them. */
export interface Candidate extends Position {
  /** What is listed, where it is not `id`. */
  readonly item?: string;
  readonly matches: number | string;
}

/** An order that an index of those two columns has. */
export interface Order {
  readonly index: string;
  readonly at: string;
  readonly id: string;
  /** The type of `at`. */
  readonly type: 'number' | 'string';
  readonly descending: boolean;
}

const MAX_STEP = 5000;
/** Steps begin with the largest page, whatever the limit: each size is a statement that connections keep prepared. */
const MIN_STEP = 101;

/**
 * The items of the next rows that belong to a list, found by a scan of its table in order, in steps that grow.
 * @param options.most after so many rows the scan ends for now, so that its cost has a bound.
 * @param step reads the next `size` rows after `after`, whether they belong to the list or not.
 */
export async function scan(
  { limit, after, most, type }: { limit: number; after?: Position; most: number } & Pick<Order, 'type'>,
  step: (after: Position | undefined, size: number) => Promise<Candidate[]>,
): Promise<ListPage<string>> {
  const items: string[] = [];
  let last = after;
  let examined = 0;
  for (let size = stepFor(limit); examined < most; size = Math.min(4 * size, MAX_STEP)) {
    const rows = await step(last, size);
    for (const row of rows) {
      if (items.length === limit && Number(row.matches)) return { items, next: last };
      if (Number(row.matches)) items.push(itemOf(row));
      last = positionOf(row, type);
    }
    if (rows.length < size) return { items, next: undefined };
    examined += rows.length;
  }
  return { items, next: last };
}

/** How many rows are read to fill a page of `limit`, and to know whether there is another page. */
export function stepFor(limit: number): number {
  return Math.max(limit + 1, MIN_STEP);
}

/** A page from the next `stepFor(limit)` rows of a list, in its order; fewer rows are all that is left. */
export function takePage(rows: Candidate[], limit: number, { type }: Pick<Order, 'type'>): ListPage<string> {
  const shown = rows.slice(0, limit);
  return {
    items: shown.map(itemOf),
    next: rows.length > limit ? positionOf(shown.at(-1)!, type) : undefined,
  };
}

/**
 * The SQL that narrows a query to the rows after `after`, and orders them. Only the engine compares texts: MySQL and
 * MariaDB ignore blanks at the end, and JavaScript compares by UTF-16.
 */
export function inOrder({ at, id, descending }: Order, after: Position | undefined) {
  const [beyond, direction] = descending ? ['<', 'DESC'] : ['>', 'ASC'];
  return {
    // However many rows are equal, every engine starts in the index where the last page ended: SQLite by the first half,
    // MySQL and MariaDB by the second.
    where: after
      ? `(${at}, ${id}) ${beyond} (?, ?) AND (${at} ${beyond} ? OR (${at} = ? AND ${id} ${beyond} ?))`
      : '1 = 1',
    parameters: after ? [after.at, after.id, after.at, after.at, after.id] : [],
    order: `${at} ${direction}, ${id} ${direction}`,
  };
}

/**
 * After the name of a table that is scanned: has MySQL and MariaDB use that index, however many rows there are. By
 * their own guess they read and sort a table of some thousands for each page. For SQLite, which uses it anyway, it is a
 * comment.
 */
export function byIndexOf({ index }: Pick<Order, 'index'>): string {
  return `/*! FORCE INDEX (${index}) */`;
}

function itemOf({ id, item = id }: Candidate): string {
  return item;
}

function positionOf({ id, at }: Candidate, type: Order['type']): Position {
  return { id, at: type === 'number' ? Number(at) : at };
}
