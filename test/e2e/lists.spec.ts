import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OPERATOR } from '../../src/users/principal.js';
import { startApp, type TestApp, type TestKey } from '../support/app.js';
import { insertUsers, type ManyUser } from '../support/many-users.js';

let latchkey: TestApp;
let manager: TestKey;
let users: ManyUser[];

beforeAll(async () => {
  latchkey = await startApp();
  manager = await latchkey.key(['System Manager'], 'zz.manager@example.org');
  for (const role of ['Common', 'Scarce', 'Nobody'])
    await latchkey.call('POST', '/v1/roles', { ...as(), json: { name: role } });
  users = Array.from({ length: 4000 }, (_, i) => ({
    id: `id${String(i).padStart(5, '0')}`,
    name: `${i % 40 === 0 ? 'ann' : 'user'}${i}@example.com`,
    fullName: `${i % 3 === 0 ? 'Ann' : 'Élise'} ${i % 7 === 0 ? 'O%_!’Hara' : 'Smith'} ${i}`,
    enabled: i % 10 !== 0,
    roles: [...(i % 2 === 0 ? ['Common'] : []), ...(i % 100 === 0 ? ['Scarce'] : [])],
    createdAt: 1_700_000_000_000 + Math.floor(i / 3), // three at a time, for the order to be by id too
  }));
  await insertUsers(latchkey.dataSource, users);
});
afterAll(() => latchkey.close());

const as = ({ token }: TestKey = manager) => ({ auth: token });

async function pages(path: string): Promise<{ name: string }[][]> {
  const found: { name: string }[][] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { status, json } = await latchkey.call('GET', `${path}${cursor && `&cursor=${cursor}`}`, as());
    expect(status).toBe(200);
    found.push(json.data);
    cursor = json.nextCursor;
  }
  return found;
}

describe('the list of users', () => {
  type Filters = { search?: string; role?: string; enabled?: boolean };
  const wordsOf = (text = '') => text.normalize('NFC').toLowerCase().split(' ').filter(Boolean);
  const begins = (text: string, word: string) => {
    const escaped = word.replace(/[^\p{L}\p{N}]/gu, (one) => `\\u{${one.codePointAt(0)!.toString(16)}}`);
    return new RegExp(`(?<![\\p{L}\\p{N}])${escaped}`, 'u').test(text.toLowerCase());
  };
  const expected = ({ search, role, enabled }: Filters) =>
    users
      .filter(({ name, fullName }) => wordsOf(search).every((w) => name.startsWith(w) || begins(fullName, w)))
      .filter((user) => role === undefined || user.roles.includes(role))
      .filter((user) => enabled === undefined || user.enabled === enabled)
      .toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
      .map(({ name }) => name);

  const cases: [Filters, number][] = [
    [{ search: 'ann' }, 100],
    [{ search: 'ANN SMITH 1' }, 100],
    [{ search: 'élise' }, 100],
    [{ search: 'E\u0301lise smith' }, 100],
    [{ search: 'ann1' }, 2],
    [{ search: 'user' }, 100],
    [{ search: 'user2000@example.com' }, 1],
    [{ search: 'ann o%_!’' }, 20],
    [{ search: 'ann ' }, 100],
    [{ search: '%' }, 20],
    [{ search: '_nn' }, 20],
    [{ search: 'smith' }, 100],
    [{ search: 'mit' }, 20],
    [{ search: 'HARA' }, 100],
    [{ search: '1234' }, 20],
    [{ search: '  35 smith ann ' }, 20],
    [{ search: 'user1 smith a 1' }, 20],
    [{ search: 'smith hara' }, 20],
    [{ search: '@example.com' }, 20],
    [{ search: 'ann', role: 'Scarce' }, 7],
    [{ role: 'Common' }, 100],
    [{ role: 'Common', enabled: false }, 100],
    [{ role: 'Scarce', enabled: true }, 5],
    [{ role: 'Nobody' }, 5],
    [{ role: 'No such role' }, 5],
    [{ enabled: false }, 33],
    [{ search: 'ann smith', role: 'Common', enabled: true }, 10],
    [{ search: 'user', role: 'Common', enabled: true }, 100],
  ];

  it.each(cases)('%j has those whom it should, newest first, each once, in pages of %i', async (filters, limit) => {
    const query = new URLSearchParams(
      Object.entries({ ...filters, limit }).map(([name, value]): [string, string] => [name, String(value)]),
    );
    const found = await pages(`/v1/users?${query}`);
    const names = found.flat().map(({ name }) => name);
    expect(names).toEqual(expected(filters));
    for (const page of found) expect(page.length).toBeLessThanOrEqual(limit);
    for (const page of found.slice(0, -1)) expect(page.length).toBe(limit);
  });

  it('follows a changed full name', async () => {
    const { user } = await latchkey.key();
    const list = async (search: string) =>
      (await latchkey.call('GET', `/v1/users?search=${encodeURIComponent(search)}`, as())).json.data.map(
        ({ name }: { name: string }) => name,
      );
    await latchkey.call('PATCH', `/v1/users/${user}`, { ...as(), json: { fullName: 'Zoë Ångström' } });
    expect(await list('zoë ån')).toEqual([user]);
    await latchkey.call('PATCH', `/v1/users/${user}`, { ...as(), json: { fullName: 'Quentin' } });
    expect([await list('zoë ån'), await list('QUEN')]).toEqual([[], [user]]);
  });

  it.each([
    ['Οδυσσέας Κ', 'ΟΔΥΣ'],
    ['ΟΔΥΣΣΕΑΣ', 'οδυσσεας'],
    ['STRASSE Eins', 'straße'],
    ['Straße Zwei', 'STRASSE Z'],
    ['İpek', 'i̇p'],
  ])('finds %s by %s', async (fullName, search) => {
    const { user } = await latchkey.key();
    await latchkey.users.update(OPERATOR, user, { fullName });
    const found = await latchkey.users.list(OPERATOR, { limit: 5, search });
    expect(found.items.map(({ name }) => name)).toContain(user);
  });

  it.each([
    ['Anna-Maria de la Cruz', ['maria', 'anna-m', 'CRUZ', 'cruz anna', 'la de']],
    ['Siobhán O’Brien (Ops)', ['brien', 'o’b', '(ops', 'ops', 'SIOBHÁN OPS']],
    ['李 小龍', ['小', '李']],
    ['ACME\u3000Bot\u00a07', ['bot', '7 acme']],
  ])('finds %s by any of its words', async (fullName, searches) => {
    const { user } = await latchkey.key();
    await latchkey.users.update(OPERATOR, user, { fullName });
    for (const search of searches) {
      const { items } = await latchkey.users.list(OPERATOR, { limit: 5, search });
      expect([search, items.map(({ name }) => name)]).toEqual([search, expect.arrayContaining([user])]);
    }
  });

  it('takes an API key to its owner, exactly and whatever its state', async () => {
    const { user, apiKey } = await latchkey.key();
    const found = async (search: string) => {
      const query = `search=${encodeURIComponent(search)}`;
      const { data } = (await latchkey.call('GET', `/v1/users?${query}`, as())).json;
      expect((await latchkey.call('GET', `/v1/users/count?${query}`, as())).json.count).toBe(data.length);
      return data.map(({ name }: { name: string }) => name);
    };
    expect([await found(apiKey), await found(` ${apiKey} `)]).toEqual([[user], [user]]);
    for (const other of [apiKey.slice(0, -1), `${apiKey}x`, apiKey.toUpperCase(), `${apiKey}:x`]) {
      expect([other, await found(other)]).toEqual([other, []]);
    }
    await latchkey.apiKeys.revoke(OPERATOR, apiKey);
    expect(await found(apiKey)).toEqual([user]);
    const query = `search=${apiKey}&enabled=false`;
    expect((await latchkey.call('GET', `/v1/users?${query}`, as())).json.data).toEqual([]);
    await latchkey.users.delete(OPERATOR, user);
    expect(await found(apiKey)).toEqual([]);
    const administrator = await latchkey.keyOf('Administrator');
    expect(await found(administrator.apiKey)).toEqual([]);
  });

  it('without a search shows everybody, and an empty search is none', async () => {
    for (const query of ['limit=100', 'limit=100&search='])
      expect((await pages(`/v1/users?${query}`)).flat().length).toBeGreaterThanOrEqual(users.length);
  });

  it('shows Administrator to Administrator alone', async () => {
    const administrator = await latchkey.keyOf('Administrator');
    const list = async (key: TestKey, query: string) =>
      (await latchkey.call('GET', `/v1/users?${query}`, as(key))).json.data.map(({ name }: { name: string }) => name);
    for (const query of ['search=admin', 'role=System%20Manager&search=administrator']) {
      expect(await list(manager, query)).toEqual([]);
      expect(await list(administrator, query)).toEqual(['Administrator']);
    }
    expect(await list(manager, 'role=System%20Manager')).toEqual([manager.user]);
  });

  it.each([
    'enabled=yes',
    'enabled=',
    'role=',
    'role=a%00b',
    'search=a%00b',
    'search=a&search=b',
    `search=${'x'.repeat(141)}`,
  ])('refuses ?%s with 422', async (query) =>
    expect((await latchkey.call('GET', `/v1/users?${query}`, as())).status).toBe(422),
  );
});

describe('the list of keys', () => {
  it('leaves out those whose user is gone, however many', async () => {
    const gone = Array.from({ length: 700 }, (_, i) => ({
      id: `gone${i}`,
      name: `gone${i}@example.com`,
      fullName: 'Gone',
      enabled: true,
      roles: [],
      createdAt: 1_900_000_000_000 + i,
    }));
    await insertUsers(latchkey.dataSource, gone, true);
    await latchkey.dataSource.query('UPDATE lk_api_keys SET user_id = NULL WHERE created_at >= 1900000000000');
    const own = await latchkey.key();
    const found = (await pages('/v1/api-keys?limit=2')).flat() as unknown as { user: string }[];
    expect(found.map(({ user }) => user)).toContain(own.user);
    expect(found.filter(({ user }) => user.startsWith('gone'))).toEqual([]);
  });
});
