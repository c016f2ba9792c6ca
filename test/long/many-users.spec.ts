import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKeysService } from '../../src/api-keys/api-keys.service.js';
import { KeyOwnersService } from '../../src/api-keys/key-owners.service.js';
import type { KeyFilter } from '../../src/api-keys/key-filter.js';
import type { OwnerSort } from '../../src/api-keys/key-order.js';
import { OverviewService } from '../../src/api-keys/overview.service.js';
import { Database } from '../../src/database/database.js';
import { OPERATOR } from '../../src/users/principal.js';
import type { Position } from '../../src/users/list-page.js';
import type { UserQuery } from '../../src/users/user-search.js';
import { ApiKeyVerifier } from '../../src/verification/api-key.verifier.js';
import { ENGINE, freshDatabase, startApp, type TestApp, type TestDatabase } from '../support/app.js';
import { insertUsers, type ManySecret, type ManyUser } from '../support/many-users.js';

const COUNT = 200_000;
const LIMIT = 20;
/** How often each is asked again, for the median that is printed; what is tested is how much was read. */
const ROUNDS = Number(process.env.MANY_USERS_ROUNDS ?? 3);
const OLDEST = 1_700_000_000_000;
const DAY = 24 * 60 * 60_000;
const NOW = Date.now();
const EXPLAIN = ENGINE === 'mysql' ? 'EXPLAIN FORMAT=TRADITIONAL' : 'EXPLAIN';

let fresh: TestDatabase;
let latchkey: TestApp;
let database: Database;
let asked: { sql: string; parameters: (string | number)[] }[] = [];

beforeAll(async () => {
  fresh = await freshDatabase();
  // Rows are counted on one connection.
  latchkey = await startApp({ database: { url: fresh.url, poolSize: 1 } }, fresh);
  for (const name of ['Common', 'Scarce', 'Old'])
    await latchkey.call('POST', '/v1/roles', { auth: (await latchkey.keyOf('Administrator')).token, json: { name } });
  const users = Array.from({ length: COUNT }, (_, i): ManyUser => {
    const roles = [
      ...(i % 2 === 0 ? ['Common'] : []),
      ...(i % 4000 === 0 ? ['Scarce'] : []),
      ...(i < 5000 ? ['Old'] : []),
    ];
    return {
      id: `id${String(i).padStart(6, '0')}`,
      name: `${i < 30_000 ? 'old' : 'user'}${i}@example.com`,
      fullName: `${i % 2 === 0 ? 'Ann' : 'Bob'} Smith ${i}`,
      enabled: i % 50 !== 0,
      roles,
      createdAt: OLDEST + i,
      secrets: secretsOf(i),
    };
  });
  await insertUsers(latchkey.dataSource, users);
  if (ENGINE !== 'sqlite')
    await latchkey.dataSource.query(
      'ANALYZE TABLE lk_users, lk_user_words, lk_user_roles, lk_api_keys, lk_api_secrets',
    );
  database = latchkey.app.get(Database);
  const select = database.select.bind(database);
  database.select = (sql, parameters) => {
    asked.push({ sql, parameters });
    return select(sql, parameters);
  };
}, 600_000);
afterAll(async () => {
  await latchkey.close();
  await fresh.remove();
});

/** Most keys are in use, and were given a new secret lately; some are in every other state, the dormant the oldest alone. */
function secretsOf(i: number): ManySecret[] {
  const lately = NOW - (i % 45) * DAY - i;
  const old = NOW - 300 * DAY + i;
  if (i % 10 === 9) return [];
  if (i < 3000) return [{ createdAt: old, lastUsedAt: NOW - 100 * DAY + i }];
  if (i % 4000 === 1) return [{ createdAt: old, lastUsedAt: NOW, expiresAt: NOW + 10 * DAY }];
  if (i % 10 === 8) return [{ createdAt: old, revokedAt: lately, revokedBy: 'command' }];
  if (i % 10 === 7) return [{ createdAt: old, expiresAt: NOW - DAY }];
  if (i % 10 === 6) return [{ createdAt: lately }];
  return [
    { createdAt: old, revokedAt: lately },
    { createdAt: lately, lastUsedAt: NOW - (i % 20) * DAY },
  ];
}

/** Rows and index entries that the engine has read since it was last asked; undefined on SQLite, which doesn't count. */
async function rowsRead(): Promise<number> {
  if (ENGINE === 'sqlite') return 0;
  const rows: { Value: string }[] = await latchkey.dataSource.query("SHOW SESSION STATUS LIKE 'Handler_read%'");
  return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
}

/** What of a plan reads a table of ours from end to end. */
async function scans(): Promise<string[]> {
  const found: string[] = [];
  for (const { sql, parameters } of asked) {
    if (ENGINE === 'sqlite') {
      const plan: { detail: string }[] = await latchkey.dataSource.query(`EXPLAIN QUERY PLAN ${sql}`, parameters);
      found.push(
        ...plan.map(({ detail }) => detail).filter((detail) => /^SCAN (lk_|[ukrsn]\b)(?!.*USING)/.test(detail)),
      );
    } else {
      const plan: { table: string | null; type: string | null; key: string | null }[] = await latchkey.dataSource.query(
        `${EXPLAIN} ${sql}`,
        parameters,
      );
      found.push(
        ...plan
          .filter(
            ({ table, type, key }) => table !== null && !table.startsWith('<') && key === null && type !== 'const',
          )
          .map((row) => JSON.stringify(row)),
      );
    }
  }
  return found;
}

async function measure<T>(ask: () => Promise<T>) {
  asked = [];
  const before = await rowsRead();
  const between = await rowsRead();
  const times: number[] = [];
  const timed = async () => {
    const began = performance.now();
    const answered = await ask();
    times.push(performance.now() - began);
    return answered;
  };
  const answer = await timed();
  const read = (await rowsRead()) - between - (between - before); // less what the counting itself reads
  const plans = await scans();
  for (let i = 0; i < ROUNDS; i++) await timed();
  const milliseconds = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
  return { answer, read, plans, milliseconds: Math.round(milliseconds * 10) / 10 };
}

const LAST: Position = { at: OLDEST + LIMIT + 1, id: 'id000021' };
const MIDDLE: Position = { at: OLDEST + COUNT / 2, id: 'id100000' };
type Filters = Pick<UserQuery, 'search' | 'role' | 'enabled'> & { key?: KeyFilter };

describe(`of ${COUNT} users`, () => {
  const filters: [string, Filters][] = [
    ['all', {}],
    ['a common prefix', { search: 'user' }],
    ['a common prefix of the oldest alone', { search: 'old' }],
    ['a common full name', { search: 'ann smith' }],
    ['a rare prefix', { search: 'user1234' }],
    ['a word in the middle of every name', { search: 'smith' }],
    ['a word at the end of a name', { search: '123456' }],
    ['two words that are common', { search: 'smith bob' }],
    ['an API key', { search: 'lk_id123456' }],
    ['a prefix of nobody', { search: 'zzz' }],
    ['a common role', { role: 'Common' }],
    ['a rare role', { role: 'Scarce' }],
    ['a role that the oldest alone have', { role: 'Old' }],
    ['the disabled', { enabled: false }],
    ['a prefix, a role and a state that are all common', { search: 'ann', role: 'Common', enabled: true }],
    ['two common conditions that exclude each other', { search: 'bob', role: 'Common' }],
    ['live keys', { key: 'live' }],
    ['keys that were never used', { key: 'never-used' }],
    ['keys that were not used for a month', { key: 'unused-30-days' }],
    ['keys that were not used for three months, the oldest alone', { key: 'unused-90-days' }],
    ['keys that expire soon, which are rare', { key: 'expiring' }],
    ['revoked and expired keys', { key: 'revoked' }],
    ['no key', { key: 'none' }],
    ['a state of the key and a role that are both common', { key: 'live', role: 'Common', enabled: true }],
    ['a state of the key that the oldest alone are not in', { key: 'revoked', role: 'Old' }],
    ['no key and a role that nobody without one has', { key: 'none', role: 'Common' }],
  ];

  const places = {
    '-createdAt': { first: undefined, middle: MIDDLE, last: LAST },
    createdAt: { first: undefined, last: { at: OLDEST + COUNT - LIMIT, id: 'id199980' } },
    fullName: {
      first: undefined,
      middle: { at: 'ann smith 99998', id: 'id099998' },
      last: { at: 'bob smith 99971', id: 'id099971' },
    },
    '-fullName': { first: undefined, last: { at: 'ann smith 10000', id: 'id010000' } },
    lastUsedAt: { first: undefined, 'last of the rest': { ...LAST, isRest: true } },
    '-lastUsedAt': { first: undefined, middle: { at: NOW - 10 * DAY, id: 'id100000' } },
    expiresAt: { first: undefined, middle: { at: NOW + 10 * DAY, id: 'lk_id100001' } },
    '-expiresAt': { first: undefined },
  } satisfies Record<OwnerSort, Record<string, Position | undefined>>;

  it.each(filters)('any page of %s is served by an index, at a bounded cost', async (name, query) => {
    const owners = latchkey.app.get(KeyOwnersService);
    for (const [sort, starts] of Object.entries(places)) {
      for (const [place, after] of Object.entries<Position | undefined>(starts)) {
        const { plans, answer, ...cost } = await measure(() =>
          owners.list(OPERATOR, { limit: LIMIT, after, sort: sort as OwnerSort, ...query }),
        );
        const shown = JSON.stringify({ items: answer.items.length, ...cost });
        process.stdout.write(`${ENGINE} users, ${name}, by ${sort}, ${place} page: ${shown}\n`);
        expect(plans).toEqual([]);
        expect(cost.read).toBeLessThan(Object.keys(query).length > 0 ? 600_000 : 2000);
      }
    }
  });

  it.each(filters)('%s are counted by an index, at a bounded cost', async (name, query) => {
    const owners = latchkey.app.get(KeyOwnersService);
    const { plans, answer, ...cost } = await measure(() => owners.count(OPERATOR, query));
    process.stdout.write(`${ENGINE} count of ${name}: ${JSON.stringify({ ...answer, ...cost })}\n`);
    expect(plans).toEqual([]);
    expect(cost.read).toBeLessThan(800_000);
  });

  it('the overview reads nothing but indexes', async () => {
    const overview = latchkey.app.get(OverviewService);
    const { plans, answer, ...cost } = await measure(() => overview.read(OPERATOR));
    process.stdout.write(`${ENGINE} overview: ${JSON.stringify({ ...answer.keys, ...cost })}\n`);
    expect(plans).toEqual([]);
    expect(cost.read).toBeLessThan(4 * COUNT);
  });

  it('a verify reads the rows of its key alone', async () => {
    const verifier = latchkey.app.get(ApiKeyVerifier);
    const { plans, answer, ...cost } = await measure(() => verifier.verify({ apiKey: 'lk_id100000', apiSecret: 'x' }));
    process.stdout.write(`${ENGINE} verify: ${JSON.stringify(cost)}\n`);
    expect(answer).toBeNull();
    expect(plans).toEqual([]);
    expect(cost.read).toBeLessThan(50);
  });

  it('any page of keys is served by an index, at the same cost', async () => {
    const apiKeys = latchkey.app.get(ApiKeysService);
    for (const [place, after] of [
      ['first', undefined],
      ['middle', { ...MIDDLE, id: `lk_${MIDDLE.id}` }],
      ['last', { at: OLDEST + 2 * LIMIT, id: 'lk_' }],
    ] as const) {
      const { plans, answer, ...cost } = await measure(() => apiKeys.list(OPERATOR, { limit: LIMIT, after }));
      process.stdout.write(`${ENGINE} keys, ${place} page: ${JSON.stringify(cost)}\n`);
      expect(answer.items).toHaveLength(LIMIT);
      expect(plans).toEqual([]);
      expect(cost.read).toBeLessThan(2000);
    }
  });

  if (ENGINE !== 'sqlite')
    it('a verify reads no more by statistics that are out of date', async () => {
      const verifier = latchkey.app.get(ApiKeyVerifier);
      const ofSecrets = `WHERE database_name = DATABASE() AND table_name = 'lk_api_secrets'`;
      await latchkey.dataSource.query(
        `UPDATE mysql.innodb_index_stats SET stat_value = 0 ${ofSecrets} AND stat_name LIKE 'n_diff%'`,
      );
      await latchkey.dataSource.query('FLUSH TABLE lk_api_secrets');
      await verifier.verify({ apiKey: 'lk_id100002', apiSecret: 'x' }); // MariaDB reads them when the table is opened
      const { plans, answer, ...cost } = await measure(() =>
        verifier.verify({ apiKey: 'lk_id100001', apiSecret: 'x' }),
      );
      expect(answer).toBeNull();
      expect(plans).toEqual([]);
      expect(cost.read).toBeLessThan(50);
    });
});
