import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp, type TestKey } from '../support/app.js';
import { insertUsers, type ManySecret, type ManyUser } from '../support/many-users.js';

const DAY = 24 * 60 * 60_000;
const NOW = Date.now();
const ago = (days: number) => NOW - days * DAY;
const FILTERS = ['live', 'never-used', 'unused-30-days', 'unused-90-days', 'expiring', 'revoked', 'none'] as const;
type Filter = (typeof FILTERS)[number];

/** Every state that a key can be in, its secrets oldest first, and the filters that it meets. */
const STATES: [ManySecret[], Filter[]][] = [
  [[], ['none']],
  [[{ createdAt: ago(200), lastUsedAt: ago(0.1) }], ['live']],
  [[{ createdAt: ago(200), lastUsedAt: ago(29.9) }], ['live']],
  [[{ createdAt: ago(200), lastUsedAt: ago(30.1) }], ['live', 'unused-30-days']],
  [[{ createdAt: ago(200), lastUsedAt: ago(90.1) }], ['live', 'unused-30-days', 'unused-90-days']],
  [[{ createdAt: ago(1) }], ['live', 'never-used']],
  [[{ createdAt: ago(31) }], ['live', 'never-used', 'unused-30-days']],
  [[{ createdAt: ago(91) }], ['live', 'never-used', 'unused-30-days', 'unused-90-days']],
  [[{ createdAt: ago(1), expiresAt: ago(-29.9) }], ['live', 'never-used', 'expiring']],
  [[{ createdAt: ago(1), expiresAt: ago(-30.1), lastUsedAt: ago(0.1) }], ['live']],
  [[{ createdAt: ago(95), expiresAt: ago(-0.1), lastUsedAt: ago(0.1) }], ['live', 'expiring']],
  [[{ createdAt: ago(100), expiresAt: ago(0.01) }], ['revoked']],
  [[{ createdAt: ago(100), expiresAt: ago(50), lastUsedAt: ago(60) }], ['revoked']],
  [[{ createdAt: ago(100), revokedAt: ago(50), revokedBy: 'command' }], ['revoked']],
  [[{ createdAt: ago(100), expiresAt: ago(-10), revokedAt: ago(50), revokedBy: 'command' }], ['revoked']],
  [
    [
      { createdAt: ago(100), revokedAt: ago(2) },
      { createdAt: ago(2), lastUsedAt: ago(1) },
    ],
    ['live'],
  ],
  [
    [
      { createdAt: ago(100), revokedAt: ago(2), lastUsedAt: ago(3) },
      { createdAt: ago(2), expiresAt: ago(-29.9) },
    ],
    ['live', 'never-used', 'expiring'],
  ],
  [
    [
      { createdAt: ago(100), revokedAt: ago(50) },
      { createdAt: ago(50), revokedAt: ago(40), revokedBy: 'command' },
    ],
    ['revoked'],
  ],
  [
    [
      { createdAt: ago(100), lastUsedAt: ago(95) },
      { createdAt: ago(2), lastUsedAt: ago(1), expiresAt: ago(-10) },
    ],
    ['live', 'unused-30-days', 'unused-90-days', 'expiring'],
  ],
  [
    [
      { createdAt: ago(50), expiresAt: ago(-5) },
      { createdAt: ago(40), expiresAt: ago(-20) },
    ],
    ['live', 'never-used', 'unused-30-days', 'expiring'],
  ],
  [
    [
      { createdAt: ago(50), revokedAt: ago(45), revokedBy: 'command' },
      { createdAt: ago(40), lastUsedAt: ago(1) },
      { createdAt: ago(30), expiresAt: ago(2) },
    ],
    ['live'],
  ],
];
const isLive = ({ revokedAt, expiresAt }: ManySecret) => revokedAt === undefined && (expiresAt ?? Infinity) > NOW;
/** When the first of the live secrets ends. */
const endOf = (secrets: readonly ManySecret[]) => {
  const end = Math.min(...secrets.filter(isLive).map(({ expiresAt }) => expiresAt ?? Infinity));
  return end === Infinity ? undefined : end;
};
/** In this order; letter case makes no difference, and text goes by code point: the emoji last. */
const NAMES = ['ann', 'ANN', 'Ann B', 'bob', 'Zoë', 'éva', '！', '😀'];
const byName = (a: string, b: string) => Buffer.compare(Buffer.from(a.toLowerCase()), Buffer.from(b.toLowerCase()));

let latchkey: TestApp;
let administrator: TestKey;
let manager: TestKey;
let users: (ManyUser & { meets: Filter[] })[];

beforeAll(async () => {
  latchkey = await startApp();
  administrator = await latchkey.keyOf('Administrator');
  manager = await latchkey.key(['System Manager'], 'zz.manager@example.org');
  for (const name of ['Common', 'Scarce'])
    await latchkey.call('POST', '/v1/roles', { auth: manager.token, json: { name } });
  users = Array.from({ length: 4000 }, (_, i) => {
    const [secrets, meets] = STATES[i % STATES.length]!;
    return {
      id: `id${String((i * 7) % 4000).padStart(5, '0')}`,
      name: `${i % 40 === 0 ? 'kim' : 'user'}${i}@example.com`,
      fullName: NAMES[(i >> 3) % NAMES.length]!,
      enabled: i % 10 !== 0,
      roles: [...(i % 2 === 0 ? ['Common'] : []), ...(i % 90 === 0 ? ['Scarce'] : [])],
      createdAt: 1_700_000_000_000 + Math.floor(i / 3),
      secrets,
      meets,
    };
  });
  await insertUsers(latchkey.dataSource, users);
}, 60_000);
afterAll(() => latchkey.close());

interface Query {
  readonly search?: string;
  readonly role?: string;
  readonly enabled?: boolean;
  readonly key?: string;
  readonly sort?: string;
  readonly limit?: number;
}
interface Shown {
  readonly name: string;
  readonly fullName: string;
  readonly key: Record<string, string | null> | null;
}

const get = (path: string, { token }: TestKey = manager) => latchkey.call('GET', path, { auth: token });
const text = (query: object) =>
  new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)])).toString();

async function all(query: Query, key: TestKey = manager): Promise<Shown[]> {
  const found: Shown[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { status, json } = await get(
      `/v1/users?${text({ limit: 100, ...query })}${cursor && `&cursor=${cursor}`}`,
      key,
    );
    expect(status).toBe(200);
    expect(json.data.length).toBeLessThanOrEqual(query.limit ?? 100);
    found.push(...json.data);
    cursor = json.nextCursor;
  }
  return found;
}

const most = (times: (number | undefined)[]) => Math.max(-1, ...times.map((time) => time ?? -1));
/** What a list is sorted by, besides the full name; -1 for those who have no such time. */
const TIMES: Record<string, (user: (typeof users)[number]) => number> = {
  createdAt: ({ createdAt }) => createdAt,
  lastUsedAt: ({ secrets = [] }) => most(secrets.map(({ lastUsedAt }) => lastUsedAt)),
  expiresAt: ({ secrets = [] }) => most([endOf(secrets)]),
};

function expected({ search = '', role, enabled, key, sort = '-createdAt' }: Query): string[] {
  const descending = sort.startsWith('-');
  const time = TIMES[sort.replace('-', '')];
  const before = (a: (typeof users)[number], b: (typeof users)[number]) =>
    (time ? time(a) - time(b) : byName(a.fullName, b.fullName)) || (a.id < b.id ? -1 : 1);
  const inOrder = (a: (typeof users)[number], b: (typeof users)[number]) => {
    const [first, second] = time ? [time(a), time(b)] : [0, 0];
    if (first < 0 && second < 0) return b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1);
    if (first < 0 || second < 0) return second - first;
    return descending ? before(b, a) : before(a, b);
  };
  return users
    .filter(({ name, fullName }) => name.startsWith(search) || ` ${fullName.toLowerCase()}`.includes(` ${search}`))
    .filter(({ roles }) => role === undefined || roles.includes(role))
    .filter((user) => enabled === undefined || user.enabled === enabled)
    .filter(({ meets }) => key === undefined || (meets as string[]).includes(key))
    .toSorted(inOrder)
    .map(({ name }) => name);
}
/** The test's own accounts are no part of what is expected. */
const known = (found: Shown[]) => found.map(({ name }) => name).filter((name) => !name.startsWith('zz.'));

const further: Query[] = [
  { sort: 'createdAt' },
  { sort: 'fullName' },
  { sort: '-fullName' },
  { sort: 'fullName', enabled: false },
  { sort: 'fullName', search: 'ann' },
  { sort: '-fullName', search: 'user', limit: 99 },
  { sort: 'createdAt', role: 'Common' },
  { sort: 'fullName', role: 'Scarce', limit: 7 },
  { key: 'live', sort: 'fullName' },
  { key: 'live', search: 'kim', role: 'Common', enabled: true, sort: '-fullName', limit: 3 },
  { key: 'revoked', search: 'ann', role: 'Common', enabled: true, sort: 'createdAt', limit: 9 },
  { key: 'none', role: 'Scarce', sort: 'fullName', limit: 1 },
  { key: 'expiring', search: 'nobody' },
  { sort: 'lastUsedAt' },
  { sort: '-lastUsedAt', limit: 7, role: 'Scarce' },
  { sort: 'lastUsedAt', key: 'revoked', limit: 11 },
  { sort: '-lastUsedAt', search: 'kim', enabled: true, limit: 13 },
  { sort: 'expiresAt', limit: 47 },
  { sort: '-expiresAt' },
  { sort: 'expiresAt', key: 'live', role: 'Common' },
  { sort: '-expiresAt', key: 'expiring', limit: 7 },
  { sort: 'expiresAt', search: 'b', limit: 99 },
  { sort: 'expiresAt', key: 'none', limit: 1, role: 'Scarce' },
];

describe('the list of users', () => {
  it.each([...FILTERS.map((key): Query => ({ key })), ...further])(
    '%j has those whom it should, in order, each once, and they are counted',
    async (query) => {
      const found = await all(query);
      expect(known(found)).toEqual(expected(query));
      const { sort: _, limit: __, ...filters } = query;
      const { status, json } = await get(`/v1/users/count?${text(filters)}`);
      expect([status, json]).toEqual([200, { count: found.length, atLeast: false }]);
    },
  );

  it('tells of the newest live secret of each key, or else of the newest', async () => {
    const found = new Map((await all({})).map((user) => [user.name, user.key]));
    const iso = (time: number | undefined) => (time === undefined ? null : new Date(time).toISOString());
    for (const { id, name, secrets = [], meets } of users) {
      const newest = secrets.findLast(isLive) ?? secrets.at(-1);
      const state = meets.includes('live') ? 'live' : newest?.revokedAt ? 'revoked' : 'expired';
      expect(found.get(name)).toEqual(
        newest
          ? {
              apiKey: `lk_${id}`,
              liveSecrets: secrets.filter(isLive).length,
              keyLastUsedAt: iso(secrets.findLast(({ lastUsedAt }) => lastUsedAt)?.lastUsedAt),
              state,
              hint: `h${secrets.indexOf(newest)}`,
              secretCreatedAt: iso(newest.createdAt),
              expiresAt: iso(isLive(newest) ? endOf(secrets) : newest.expiresAt),
              lastUsedAt: iso(newest.lastUsedAt),
            }
          : null,
      );
    }
  });

  it('takes a cursor only in the order and the list that gave it', async () => {
    const { nextCursor } = (await get('/v1/users?limit=1&sort=fullName')).json;
    const forged = (kind: string, at: unknown) => Buffer.from(JSON.stringify([kind, at, 'x'])).toString('base64url');
    expect((await get(`/v1/users?sort=fullName&cursor=${nextCursor}`)).status).toBe(200);
    for (const path of [
      `/v1/users?cursor=${nextCursor}`,
      `/v1/users?sort=-fullName&cursor=${nextCursor}`,
      `/v1/api-keys?cursor=${nextCursor}`,
      `/v1/users?sort=fullName&cursor=${(await get('/v1/users?limit=1')).json.nextCursor}`,
      `/v1/users?sort=fullName&cursor=${forged('users fullName', 1)}`,
      `/v1/users?cursor=${forged('users -createdAt', 'x')}`,
      `/v1/users?sort=expiresAt&cursor=${Buffer.from('["users expiresAt",1,"x",false]').toString('base64url')}`,
    ]) {
      const { status, json } = await get(path);
      expect([path, status, json.code]).toEqual([path, 400, 'malformed']);
    }
  });

  it.each(['key=dead', 'key=', 'key=live&key=live', 'sort=name', 'sort=', 'sort=-', 'sort=createdAt&sort=createdAt'])(
    'refuses ?%s with 422',
    async (query) => expect((await get(`/v1/users?${query}`)).status).toBe(422),
  );

  it.each(['sort=createdAt', 'limit=1', 'cursor=x', 'key=x', 'role=', `search=${'x'.repeat(141)}`])(
    'is not counted by ?%s: 422',
    async (query) => expect((await get(`/v1/users/count?${query}`)).status).toBe(422),
  );

  it('pages through names that differ in blanks at the end alone, each once', async () => {
    const twins = Array.from({ length: 5 }, (_, i) => ({
      id: `twin${(i * 3) % 5}`,
      name: `twin${i}@example.com`,
      fullName: `twin${' '.repeat((i * 2) % 3)}`,
      enabled: true,
      roles: [],
      createdAt: 1,
    }));
    await insertUsers(latchkey.dataSource, twins);
    for (const sort of ['fullName', '-fullName']) {
      const found = await all({ sort, search: 'twin', limit: 1 });
      expect(found.map(({ name }) => name).toSorted()).toEqual(twins.map(({ name }) => name));
    }
    await latchkey.dataSource.query("DELETE FROM lk_users WHERE id LIKE 'twin%'");
  });

  it('hides Administrator from all others, and from what they count', async () => {
    for (const query of [{}, { key: 'live' }, { search: 'admin' }, { sort: 'fullName' }]) {
      const [theirs, own] = [await all(query), await all(query, administrator)];
      expect(own.filter(({ name }) => !theirs.some((other) => other.name === name)).map(({ name }) => name)).toEqual([
        'Administrator',
      ]);
      const { sort: _, ...filters } = query as Query;
      const count = async (key: TestKey) => (await get(`/v1/users/count?${text(filters)}`, key)).json.count;
      expect([await count(manager), await count(administrator)]).toEqual([theirs.length, own.length]);
    }
  });
});

describe('a user', () => {
  it('has its key with it, also for itself', async () => {
    const { user, apiKey, apiSecret, ...ordinary } = await latchkey.key([], 'zz.one@example.org');
    const path = `/v1/users/${user}`;
    const key = async () => (await get(path)).json.key;
    const live = {
      apiKey,
      keyLastUsedAt: null,
      liveSecrets: 1,
      state: 'live',
      hint: apiSecret.slice(-4),
      expiresAt: null,
      lastUsedAt: null,
    };
    expect(await key()).toEqual({ ...live, secretCreatedAt: expect.any(String) });
    expect((await latchkey.call('GET', path, { auth: ordinary.token })).json.key).toMatchObject(live);
    const changed = await latchkey.call('PATCH', path, { auth: manager.token, json: { fullName: 'One' } });
    expect(changed.json.key).toMatchObject(live);
    await latchkey.call('DELETE', `/v1/api-keys/${apiKey}/secrets`, { auth: manager.token });
    expect(await key()).toMatchObject({ ...live, liveSecrets: 0, state: 'revoked' });
    const secret = { auth: manager.token, json: { expiresAt: '2999-01-31T00:00:00Z' } };
    const { json } = await latchkey.call('POST', `/v1/api-keys/${apiKey}/secrets`, secret);
    expect(await key()).toMatchObject({ state: 'live', hint: json.hint, expiresAt: '2999-01-31T00:00:00.000Z' });
  });

  it('has none at first', async () => {
    const json = { email: 'zz.two@example.org', fullName: 'Two' };
    expect((await latchkey.call('POST', '/v1/users', { auth: manager.token, json })).json.key).toBeNull();
    expect((await get('/v1/users/zz.two@example.org')).json.key).toBeNull();
  });
});
