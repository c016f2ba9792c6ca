/** A place in a list that is ordered by age, newest first. */
export interface Position {
  readonly createdAt: Date;
  readonly id: string;
}

/** Some of a list, newest first. There may be fewer than were asked for, even none, while there is a `next`. */
export interface Slice<T> {
  readonly items: T[];
  /** Where to go on; undefined at the end. */
  readonly next: Position | undefined;
}

/** A row that was looked at: its place, and whether it belongs to the list. Numbers as the driver gives them. */
export interface Candidate {
  readonly id: string;
  readonly createdAt: number | string;
  readonly holds: number | string;
}

const MAX_STEP = 5000;
/** Steps begin with the largest page, whatever is asked for: each size is a statement that connections keep prepared. */
const MIN_STEP = 101;

/**
 * The ids of the next rows that belong to a list, found by walking its table from newest to oldest in steps that grow.
 * @param options.most how many rows are looked at before it gives up for now, so that the cost has a bound.
 * @param step the next `size` rows after `after`, whether they belong to the list or not.
 */
export async function walk(
  { limit, after, most }: { limit: number; after?: Position; most: number },
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
      last = positionOf(row);
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

/** The same from rows that are all there is, in any order. */
export function cut({ limit, after }: { limit: number; after?: Position }, all: Candidate[]): Slice<string> {
  const left = all
    .filter(({ holds }) => Number(holds))
    .map(positionOf)
    .filter((position) => !after || isAfter(position, after))
    .toSorted((a, b) => (isAfter(b, a) ? -1 : 1));
  const shown = left.slice(0, limit);
  return { items: shown.map(({ id }) => id), next: left.length > limit ? shown.at(-1) : undefined };
}

/** What narrows a query to the rows after `after`, and puts them in order. The columns hold `createdAt` and `id`. */
export function newestFirst(time: string, id: string, after: Position | undefined) {
  const at = after?.createdAt.getTime() ?? 0;
  return {
    // In this form every engine starts in the index where the last slice ended.
    where: after ? `${time} <= ? AND (${time} < ? OR ${id} < ?)` : '1 = 1',
    parameters: after ? [at, at, after.id] : [],
    order: `${time} DESC, ${id} DESC`,
  };
}

function positionOf({ id, createdAt }: Candidate): Position {
  return { id, createdAt: new Date(Number(createdAt)) };
}

/** True when `a` comes later in the list than `b`. */
function isAfter(a: Position, b: Position): boolean {
  const [older, newer] = [a.createdAt.getTime(), b.createdAt.getTime()];
  return older < newer || (older === newer && a.id < b.id);
}
