import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OPERATOR } from '../../src/users/principal.js';
import { LastUse } from '../../src/verification/last-use.js';
import { freshDatabase, startApp, type TestApp, type TestDatabase, type TestKey } from '../support/app.js';
import { client } from '../support/http.js';
import { startProcess } from '../support/process.js';

let database: TestDatabase;

beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.remove());

const use = async (url: string, { token: auth }: TestKey) =>
  expect((await client(url)('GET', '/v1/me', { auth })).status).toBe(200);

/** What the database holds of that key, to a node that has only just started. */
async function stored({ apiKey }: TestKey) {
  const latchkey = await startApp({}, database);
  const key = await latchkey.apiKeys.find(OPERATOR, apiKey);
  await latchkey.close();
  expect(key.secrets[0]!.lastUsedAt).toEqual(key.lastUsedAt);
  return key.lastUsedAt?.getTime();
}

describe('lastUsedAt of a secret and its key', () => {
  it('is when it last let somebody in; no request waits for it to be written', async () => {
    const latchkey = await startApp({}, database);
    const [used, unused, refused] = [await latchkey.key(), await latchkey.key(), await latchkey.key()];
    const from = Date.now();
    await use(latchkey.url, used);
    await latchkey.call('GET', '/v1/me', { auth: `${refused.token}x` });
    const until = Date.now();
    const { json } = await latchkey.call('GET', `/v1/api-keys/${used.apiKey}`, { auth: used.token });
    expect(json).toMatchObject({ lastUsedAt: null, secrets: [{ lastUsedAt: null }] });
    await latchkey.close();
    const at = await stored(used);
    expect(at).toBeGreaterThanOrEqual(from);
    expect(at).toBeLessThanOrEqual(until + 1000);
    expect([await stored(unused), await stored(refused)]).toEqual([undefined, undefined]);
  });

  it('is not lost on SIGTERM', async () => {
    const latchkey = await startApp({}, database);
    const keys = await Promise.all(Array.from({ length: 20 }, () => latchkey.key()));
    await latchkey.close();
    const running = await startProcess({ DATABASE_URL: database.url });
    await Promise.all(keys.map((key) => use(running.url, key)));
    await running.end('SIGTERM');
    for (const key of keys) expect(await stored(key)).toBeDefined();
  });

  it('never goes back, whichever node writes last', async () => {
    const nodes: TestApp[] = [await startApp({}, database), await startApp({}, database)];
    const key = await nodes[0]!.key();
    await use(nodes[0]!.url, key);
    const between = Date.now();
    while (Date.now() === between); // the clock has to have moved on
    await use(nodes[1]!.url, key);
    await nodes[1]!.close();
    const later = await stored(key);
    expect(later).toBeGreaterThan(between);
    await nodes[0]!.close();
    expect(await stored(key)).toBe(later);
  });

  it('is not lost when the end comes while it is being written', async () => {
    const latchkey = await startApp({}, database);
    const keys = await Promise.all(Array.from({ length: 10 }, () => latchkey.key()));
    const lastUse = latchkey.app.get(LastUse, { strict: false });
    for (let i = 0; i < 3000; i++) lastUse.record(`nobody's ${i}`, 'nobody', {});
    await Promise.all(keys.map((key) => use(latchkey.url, key)));
    void lastUse.onApplicationShutdown(); // as the timer does
    await latchkey.close();
    for (const key of keys) expect(await stored(key)).toBeDefined();
  });

  it('is kept while the database is away', async () => {
    const latchkey = await startApp({}, database);
    const key = await latchkey.key();
    await use(latchkey.url, key);
    const lastUse = latchkey.app.get(LastUse, { strict: false });
    await latchkey.dataSource.query('ALTER TABLE lk_api_secrets RENAME TO lk_away');
    await lastUse.onApplicationShutdown();
    await latchkey.dataSource.query('ALTER TABLE lk_away RENAME TO lk_api_secrets');
    expect(latchkey.log.some(({ context, level }) => context === 'LastUse' && level === 'warn')).toBe(true);
    expect(await stored(key)).toBeUndefined();
    await latchkey.close();
    expect(await stored(key)).toBeDefined();
  });
});
