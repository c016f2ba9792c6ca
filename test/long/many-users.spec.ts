import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKeysService } from '../../src/api-keys/api-keys.service.js';
import { Database } from '../../src/database/database.js';
import { OPERATOR } from '../../src/users/principal.js';
import type { Position } from '../../src/users/slice.js';
import type { UserQuery } from '../../src/users/user-search.js';
import { ENGINE, startApp, type TestApp } from '../support/app.js';
import { insertUsers, type ManyUser } from '../support/many-users.js';

const COUNT = 200_000;
const LIMIT = 20;
const ROUNDS = 15;
const OLDEST = 1_700_000_000_000;
const EXPLAIN = ENGINE === 'mysql' ? 'EXPLAIN FORMAT=TRADITIONAL' : 'EXPLAIN';

let latchkey: TestApp;
let database: Database;
let asked: { sql: string; parameters: (string | number)[] }[] = [];

beforeAll(async () => {
  latchkey = await startApp();
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
    };
  });
  await insertUsers(latchkey.dataSource, users, true);
  if (ENGINE !== 'sqlite')
    await latchkey.dataSource.query('ANALYZE TABLE lk_users, lk_user_roles, lk_api_keys, lk_api_secrets');
  database = latchkey.app.get(Database);
  const select = database.select.bind(database);
  database.select = (sql, parameters) => {
    asked.push({ sql, parameters });
    return select(sql, parameters);
  };
}, 600_000);
afterAll(() => latchkey.close());

/** Rows and index entries that the engine has read since it was last asked; undefined on SQLite, which doesn't count. */
async function rowsRead(): Promise<number> {
  if (ENGINE === 'sqlite') return 0;
  const rows: { Value: string }[] = await latchkey.dataSource.query("SHOW GLOBAL STATUS LIKE 'Handler_read%'");
  return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
}

/** What of a plan reads a table of ours from end to end. */
async function scans(): Promise<string[]> {
  const found: string[] = [];
  for (const { sql, parameters } of asked) {
    if (ENGINE === 'sqlite') {
      const plan: { detail: string }[] = await latchkey.dataSource.query(`EXPLAIN QUERY PLAN ${sql}`, parameters);
      found.push(...plan.map(({ detail }) => detail).filter((detail) => /^SCAN (lk_|[ukr]\b)(?!.*USING)/.test(detail)));
    } else {
      const plan: { table: string | null; key: string | null }[] = await latchkey.dataSource.query(
        `${EXPLAIN} ${sql}`,
        parameters,
      );
      found.push(
        ...plan
          .filter(({ table, key }) => table !== null && !table.startsWith('<') && key === null)
          .map((row) => JSON.stringify(row)),
      );
    }
  }
  return found;
}

async function measure(page: () => Promise<{ items: unknown[] }>) {
  asked = [];
  const before = await rowsRead();
  const { items } = await page();
  const read = (await rowsRead()) - before;
  const plans = await scans();
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const began = performance.now();
    await page();
    times.push(performance.now() - began);
  }
  const milliseconds = times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
  return { items: items.length, read, plans, milliseconds: Math.round(milliseconds * 10) / 10 };
}

const LAST: Position = { at: OLDEST + LIMIT + 1, id: 'id000021' };
const MIDDLE: Position = { at: OLDEST + COUNT / 2, id: 'id100000' };

describe(`of ${COUNT} users`, () => {
  const filters: [string, Partial<UserQuery>][] = [
    ['all', {}],
    ['a common prefix', { search: 'user' }],
    ['a common prefix of the oldest alone', { search: 'old' }],
    ['a common full name', { search: 'ann smith' }],
    ['a rare prefix', { search: 'user1234' }],
    ['a prefix of nobody', { search: 'zzz' }],
    ['a common role', { role: 'Common' }],
    ['a rare role', { role: 'Scarce' }],
    ['a role that the oldest alone have', { role: 'Old' }],
    ['the disabled', { enabled: false }],
    ['a prefix, a role and a state that are all common', { search: 'ann', role: 'Common', enabled: true }],
    ['two common conditions that exclude each other', { search: 'bob', role: 'Common' }],
  ];

  it.each(filters)('any page of %s is served by an index, at a bounded cost', async (name, query) => {
    for (const [place, after] of [
      ['first', undefined],
      ['middle', MIDDLE],
      ['last', LAST],
    ] as const) {
      const { plans, ...cost } = await measure(() => latchkey.users.list(OPERATOR, { limit: LIMIT, after, ...query }));
      process.stdout.write(`${ENGINE} users, ${name}, ${place} page: ${JSON.stringify(cost)}\n`);
      expect(plans).toEqual([]);
      expect(cost.read).toBeLessThan(Object.keys(query).length > 0 ? 600_000 : 2000);
    }
  });

  it('any page of keys is served by an index, at the same cost', async () => {
    const apiKeys = latchkey.app.get(ApiKeysService);
    for (const [place, after] of [
      ['first', undefined],
      ['middle', { ...MIDDLE, id: `lk_${MIDDLE.id}` }],
      ['last', { ...LAST, id: `lk_${LAST.id}` }],
    ] as const) {
      const { plans, ...cost } = await measure(() => apiKeys.list(OPERATOR, { limit: LIMIT, after }));
      process.stdout.write(`${ENGINE} keys, ${place} page: ${JSON.stringify(cost)}\n`);
      expect(cost.items).toBe(LIMIT);
      expect(plans).toEqual([]);
      expect(cost.read).toBeLessThan(2000);
    }
  });
});
