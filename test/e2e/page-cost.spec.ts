import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeyOwnersService } from '../../src/api-keys/key-owners.service.js';
import { OPERATOR } from '../../src/users/principal.js';
import type { Position } from '../../src/users/list-page.js';
import { OWNER_SORTS, type OwnerSort } from '../../src/api-keys/key-order.js';
import type { UserQuery } from '../../src/users/user-search.js';
import { ENGINE, freshDatabase, startApp, type TestApp, type TestDatabase } from '../support/app.js';
import { insertUsers, type ManyUser } from '../support/many-users.js';
import { rowsReadBy } from '../support/rows-read.js';

/** Users who were made in one millisecond, and have one name: as an import makes them. */
const EQUALS = 6000;
/** Before and after them. */
const OTHERS = 500;
const AT = 1_700_000_000_000;
const END = Date.now() + 365 * 24 * 60 * 60_000;
const LIMIT = 20;
/** What a page reads besides: users, roles and keys of those who are shown. */
const MARGIN = 50;

let database: TestDatabase;
let latchkey: TestApp;

beforeAll(async () => {
  database = await freshDatabase();
  // Rows are counted on one connection.
  latchkey = await startApp({ database: { url: database.url, poolSize: 1 } }, database);
  const { token } = await latchkey.keyOf('Administrator');
  await latchkey.call('POST', '/v1/roles', { auth: token, json: { name: 'Common' } });
  const users = Array.from({ length: EQUALS + 2 * OTHERS }, (_, i): ManyUser => {
    const step = i < OTHERS ? i - OTHERS : Math.max(0, i - OTHERS - EQUALS + 1);
    return {
      id: idOf(i),
      name: `user${i}@example.com`,
      fullName: `${step < 0 ? 'Ann' : step > 0 ? 'Zoe' : 'Kim'} Smith ${step === 0 ? '' : i}`,
      enabled: true,
      roles: ['Common'],
      createdAt: AT + step,
      secrets: [{ createdAt: AT + step, lastUsedAt: AT + step, expiresAt: END + step }],
    };
  });
  await insertUsers(latchkey.dataSource, users);
  const tables = 'lk_users, lk_user_words, lk_user_roles, lk_api_keys, lk_api_secrets';
  await latchkey.dataSource.query(ENGINE === 'sqlite' ? 'ANALYZE' : `ANALYZE TABLE ${tables}`);
}, 120_000);
afterAll(async () => {
  await latchkey.close();
  await database.remove();
});

/** What the first users in that order, who have no equals, are sorted by. */
function placeOf(i: number, sort: OwnerSort): Position {
  const step = i < OTHERS ? i - OTHERS : i - OTHERS - EQUALS + 1;
  if (sort.endsWith('fullName')) return { at: `${step < 0 ? 'ann' : 'zoe'} smith ${i}`, id: idOf(i) };
  return sort.endsWith('expiresAt') ? { at: END + step, id: `lk_${idOf(i)}` } : { at: AT + step, id: idOf(i) };
}

function idOf(i: number): string {
  return `id${String(i).padStart(6, '0')}`;
}

/** Nine tenths of the way through the equals. */
function deep(descending: boolean): string {
  return idOf(OTHERS + Math.floor(EQUALS * (descending ? 0.1 : 0.9)));
}

describe('a page among many equals reads no more rows than the first page', () => {
  const queries: [string, Partial<UserQuery>][] = [
    ['all users', {}],
    ['users of a common role', { role: 'Common' }],
    ['users of a common prefix', { search: 'user' }],
    ['users of a common word in the middle', { search: 'smi' }],
    ['users of two common words', { search: 'smith user' }],
  ];
  const cases = queries.flatMap(([name, query]) => OWNER_SORTS.map((sort) => [name, sort, query] as const));

  it.each(cases)('%s, by %s', async (_, sort, query) => {
    const owners = latchkey.app.get(KeyOwnersService);
    const descending = sort.startsWith('-');
    const at = sort.endsWith('fullName') ? 'kim smith ' : sort.endsWith('expiresAt') ? END : AT;
    const place = (id: string) => (sort.endsWith('expiresAt') ? `lk_${id}` : id);
    const read = (after?: Position) =>
      rowsReadBy(latchkey, 'lk_users', async () => {
        const { items } = await owners.list(OPERATOR, { limit: LIMIT, after, sort, ...query });
        expect(items).toHaveLength(LIMIT);
        if (after && after.at === at)
          expect(items.map(({ id }) => id)).toEqual(following(after.id.replace('lk_', ''), descending));
      });
    const first = await read();
    expect(first).toBeGreaterThan(LIMIT); // it counts
    expect(first).toBeLessThan(EQUALS);
    expect(await read(placeOf(descending ? EQUALS + 2 * OTHERS - 10 : 10, sort))).toBeLessThan(first + MARGIN);
    expect(await read({ at, id: place(deep(descending)) })).toBeLessThan(first + MARGIN);
  });

  it('keys', async () => {
    const read = (after?: Position) =>
      rowsReadBy(latchkey, 'lk_api_keys', async () => {
        const { items } = await latchkey.apiKeys.list(OPERATOR, { limit: LIMIT, after });
        const ids = items.map(({ apiKey }) => apiKey);
        expect(ids).toHaveLength(LIMIT);
        if (after) expect(ids).toEqual(following(after.id.slice('lk_'.length), true).map((id) => `lk_${id}`));
      });
    const first = await read();
    expect(first).toBeGreaterThan(LIMIT); // it counts
    expect(first).toBeLessThan(EQUALS);
    expect(await read({ at: AT, id: `lk_${deep(true)}` })).toBeLessThan(first + MARGIN);
  });
});

function following(id: string, descending: boolean): string[] {
  const start = Number(id.slice('id'.length));
  return Array.from({ length: LIMIT }, (_, i) => idOf(start + (descending ? -1 : 1) * (i + 1)));
}
