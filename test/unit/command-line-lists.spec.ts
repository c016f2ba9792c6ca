import { describe, expect, it } from '@jest/globals';
import { pages, writeList } from '../../src/cli/list.js';
import { fields, tablePrinter } from '../../src/cli/output.js';
import type { ListPage, Position } from '../../src/users/list-page.js';

/** A list of that many, and what was asked of it and written of it, in order. */
function listOf(count: number, { limit, holes = false }: { limit?: number; holes?: boolean } = {}) {
  const events: string[] = [];
  let hole = false;
  const read = async ({ limit: size, after }: { limit: number; after?: Position }): Promise<ListPage<number>> => {
    hole = holes && !hole;
    if (hole) return { items: [], next: after ?? { id: '0', at: 0 } };
    events.push('read');
    const from = Number(after?.id ?? 0);
    const to = Math.min(count, from + size);
    const items = Array.from({ length: to - from }, (_, i) => from + i);
    return { items, next: to < count ? { id: `${to}`, at: 0 } : undefined };
  };
  const out = (text: string) => void events.push(text);
  const write = (json?: true) =>
    writeList({ out, err: out }, pages(read, limit), {
      json,
      view: (item) => item,
      row: (item) => ({ ID: `${item}` }),
    });
  return { events, write, written: () => events.filter((event) => event !== 'read').join('') };
}

describe('a list', () => {
  it('is written page by page as it is read', async () => {
    const { events, write } = listOf(250);
    await write();
    expect(events.map((event) => (event === 'read' ? event : event.split('\n').length - 1))).toEqual([
      'read',
      101, // with the heading
      'read',
      100,
      'read',
      50,
    ]);
  });

  it.each([0, 1, 99, 100, 101, 200, 250])('of %i is one JSON array with all of them', async (count) => {
    const { write, written } = listOf(count);
    await write(true);
    expect(JSON.parse(written())).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  it('goes on after a page that is empty and not the last', async () => {
    const { write, written } = listOf(250, { holes: true });
    await write(true);
    expect(JSON.parse(written())).toEqual(Array.from({ length: 250 }, (_, i) => i));
  });

  it.each([1, 99, 100, 101, 250, 300])('ends with a limit of %i', async (limit) => {
    const { write, written } = listOf(250, { limit });
    await write(true);
    expect(JSON.parse(written())).toHaveLength(Math.min(limit, 250));
  });

  it('without rows is said to be empty', async () => {
    const { write, written } = listOf(0);
    await write();
    expect(written()).toBe('None.\n');
  });
});

describe('a table', () => {
  it('gets one heading, and columns that fit what has come so far', () => {
    const print = tablePrinter();
    expect(print([{ A: '1', B: 'x' }])).toBe('A  B\n1  x\n');
    expect(print([{ A: '333', B: 'y' }])).toBe('333  y\n');
    expect(print([{ A: '4', B: '' }])).toBe('4\n');
  });

  it('of one thing has a line for each field', () => {
    expect(fields({ Name: 'a', 'Full name': 'A B', Roles: '' })).toBe('Name       a\nFull name  A B\nRoles\n');
  });
});
