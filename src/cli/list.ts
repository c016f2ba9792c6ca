import { InvalidArgumentError } from 'commander';
import type { ListPage, Position } from '../users/list-page.js';
import { type Output, type Row, tablePrinter } from './output.js';

const PAGE = 100;

/** Reads a list page by page, to its end or as far as `limit` rows. No page is empty. */
export async function* pages<T>(
  read: (page: { limit: number; after?: Position }) => Promise<ListPage<T>>,
  limit = Infinity,
): AsyncGenerator<T[]> {
  let after: Position | undefined;
  let left = limit;
  do {
    const { items, next } = await read({ limit: Math.min(PAGE, left), after });
    if (items.length > 0) yield items;
    left -= items.length;
    after = next;
  } while (after && left > 0);
}

/**
 * Writes each page as it comes, so that a list may be longer than memory: a table, or one JSON array with an item a line.
 * Nothing is written before the first page is there.
 */
export async function writeList<T>(
  { out }: Output,
  list: AsyncIterable<T[]>,
  { json, view, row }: { json?: true; view: (item: T) => unknown; row: (item: T) => Row },
): Promise<void> {
  const table = tablePrinter();
  let empty = true;
  for await (const items of list) {
    const between = empty ? '[' : ',\n';
    out(json ? between + items.map((item) => JSON.stringify(view(item))).join(',\n') : table(items.map(row)));
    empty = false;
  }
  if (json) out(empty ? '[]\n' : ']\n');
  else if (empty) out('None.\n');
}

/** What `--limit` takes. */
export function atLeastOne(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return Number(text);
}

/** For an option that can be repeated. */
export function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}
