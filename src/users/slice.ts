/** A place in a list: what the list is ordered by (milliseconds since 1970, or a text), and what orders its equals. */
export interface Position {
  readonly at: number | string;
  readonly id: string;
}

/** Some of a list, in its order. There may be fewer than were asked for, even none, while there is a `next`. */
export interface Slice<T> {
  readonly items: T[];
  /** Where to go on; undefined at the end. */
  readonly next: Position | undefined;
}

/** A row that was looked at: its place, and whether it belongs to the list. Numbers as the driver gives them. */
export interface Candidate extends Position {
  readonly holds: number | string;
}

/** An order that an index of those two columns has. */
export interface Order {
  readonly index: string;
  readonly at: string;
  readonly id: string;
  /** What `at` holds. */
  readonly type: 'number' | 'string';
  readonly descending: boolean;
}

const MAX_STEP = 5000;
/** Steps begin with the largest page, whatever is asked for: each size is a statement that connections keep prepared. */
const MIN_STEP = 101;

/**
 * The ids of the next rows that belong to a list, found by walking its table in order, in steps that grow.
 * @param options.most how many rows are looked at before it gives up for now, so that the cost has a bound.
 * @param step the next `size` rows after `after`, whether they belong to the list or not.
 */
export async function walk(
  { limit, after, most, type }: { limit: number; after?: Position; most: number } & Pick<Order, 'type'>,
  step: (after: Position | undefined, size: number) => Promise<Candidate[]>,
): Promise<Slice<string>> {
  const items: string[] = [];
  let last = after;
  let examined = 0;
  for (let size = stepFor(limit); examined < most; size = Math.min(4 * size, MAX_STEP)) {
    const rows = await step(last, size);
    for (const row of rows) {
      if (items.length === limit && Number(row.holds)) return { items, next: last };
      if (Number(row.holds)) items.push(row.id);
      last = positionOf(row, type);
    }
    if (rows.length < size) return { items, next: undefined };
    examined += rows.length;
  }
  return { items, next: last };
}

/** How many rows are asked for to fill a page of `limit`, and to know whether there is another. */
export function stepFor(limit: number): number {
  return Math.max(limit + 1, MIN_STEP);
}

/** The same from the next `stepFor(limit)` rows of a list, in its order; fewer are all there are. */
export function cut(rows: Candidate[], limit: number, { type }: Pick<Order, 'type'>): Slice<string> {
  const shown = rows.slice(0, limit);
  return {
    items: shown.map(({ id }) => id),
    next: rows.length > limit ? positionOf(shown.at(-1)!, type) : undefined,
  };
}

/**
 * What narrows a query to the rows after `after`, and puts them in order. Only the engine compares texts: MySQL and MariaDB
 * ignore blanks at the end, and JavaScript goes by UTF-16.
 */
export function inOrder({ at, id, descending }: Order, after: Position | undefined) {
  const [beyond, direction] = descending ? ['<', 'DESC'] : ['>', 'ASC'];
  return {
    // However many rows are equal, every engine starts in the index where the last slice ended: SQLite by the first half,
    // MySQL and MariaDB by the second.
    where: after
      ? `(${at}, ${id}) ${beyond} (?, ?) AND (${at} ${beyond} ? OR (${at} = ? AND ${id} ${beyond} ?))`
      : '1 = 1',
    parameters: after ? [after.at, after.id, after.at, after.at, after.id] : [],
    order: `${at} ${direction}, ${id} ${direction}`,
  };
}

/**
 * After a table that is walked: MySQL and MariaDB take that index however many rows there are. By their own guess they read
 * and sort a table of some thousands for each page. For SQLite, which takes it anyway, it is a comment.
 */
export function byIndexOf({ index }: Pick<Order, 'index'>): string {
  return `/*! FORCE INDEX (${index}) */`;
}

function positionOf({ id, at }: Candidate, type: Order['type']): Position {
  return { id, at: type === 'number' ? Number(at) : at };
}
