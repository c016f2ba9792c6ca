import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { connect } from '../../src/database/data-source.js';
import { LEASE_MS } from '../../src/revocation/lease.js';
import { LATCHKEY_ENTITIES } from '../../src/entities.js';
import { ENGINE, freshDatabase, startApp, type TestApp, type TestDatabase, type TestKey } from '../support/app.js';
import { type Proxy, proxyTo } from '../support/proxy.js';

const QUERY_TIMEOUT = 500;
const PATHS = ['/v1/me', '/api/method/frappe.auth.get_logged_user', '/health/ready'];

let database: TestDatabase;
let proxy: Proxy | undefined;
let latchkey: TestApp;
let key: TestKey;

beforeAll(async () => {
  database = await freshDatabase();
  let { url } = database;
  if (ENGINE !== 'sqlite') {
    const { hostname: host, port } = new URL(url);
    proxy = await proxyTo({ host, port: Number(port) });
    const through = new URL(url);
    through.host = `127.0.0.1:${proxy.port}`;
    url = through.href;
  }
  const options = { url, poolSize: 4, queryTimeoutMs: QUERY_TIMEOUT, connectTimeoutMs: QUERY_TIMEOUT };
  latchkey = await startApp({ database: options }, database);
  key = await latchkey.key(['System Manager']);
});
afterAll(async () => {
  await latchkey.close();
  await proxy?.close();
  await database.remove();
});

const status = async (path: string, auth = key.token) => (await latchkey.call('GET', path, { auth })).status;

const ways: Record<string, { takeAway: () => unknown; giveBack: () => unknown }> = {
  'it refuses connections': { takeAway: () => proxy!.refuse(), giveBack: () => proxy!.heal() },
  'it hangs': { takeAway: () => proxy!.blackHole(), giveBack: () => proxy!.heal() },
};

if (ENGINE !== 'sqlite') {
  it("connections that the server has closed are not a caller's business", async () => {
    await Promise.all(Array.from({ length: 10 }, () => status('/v1/me')));
    const { options } = latchkey.dataSource;
    const killer = await new DataSource({ ...options, name: 'killer', poolSize: 1 } as never).initialize();
    const [{ own }] = await killer.query('SELECT CONNECTION_ID() AS own');
    const rows: { Id: number; db: string }[] = await killer.query('SHOW PROCESSLIST');
    const ours = rows.filter(({ Id, db }) => db === options.database && Id !== Number(own));
    expect(ours.length).toBeGreaterThan(0);
    for (const { Id } of ours) await killer.query(`KILL CONNECTION ${Id}`);
    expect(await Promise.all(ours.map(() => status('/v1/me')))).toEqual(ours.map(() => 200));
    await killer.destroy();
  });
}

const servers = describe.each(Object.entries(ways));
if (ENGINE !== 'sqlite')
  servers('while %s', (_, { takeAway, giveBack }) => {
    it('authenticated routes and readiness are 503, live is 200, and all is well again after', async () => {
      for (const path of PATHS) expect(await status(path)).toBe(200);
      await takeAway();
      try {
        expect(await status('/v1/me')).toBe(200); // from memory, as long as the lease lasts
        await delay(LEASE_MS);
        for (const path of PATHS) {
          const answer = await latchkey.call('GET', path, { auth: key.token });
          expect([path, answer.status]).toEqual([path, 503]);
          expect(answer.headers['retry-after']).toBe('1');
          expect(answer.headers['www-authenticate']).toBeUndefined();
          expect(answer.text).not.toMatch(/ECONN|127\.0\.0\.1|SELECT|mysql/i);
        }
        expect(await status('/v1/me', 'token lk_x:wrong')).toBe(503);
        expect(await status('/v1/me', 'nonsense')).toBe(401);
        expect((await latchkey.call('GET', '/v1/me')).status).toBe(401);
        const change = await latchkey.call('POST', '/v1/users', {
          auth: key.token,
          json: { email: 'x@example.com', fullName: 'X' },
        });
        expect(change.status).toBe(503);
        expect(await status('/health/live')).toBe(200);
        expect((await latchkey.call('GET', '/api/method/ping')).status).toBe(200);
      } finally {
        await giveBack();
      }
      for (const path of PATHS) expect(await status(path)).toBe(200);
      // No connection of the bad time is left behind in the pool.
      expect(new Set(await Promise.all(Array.from({ length: 20 }, () => status('/v1/me'))))).toEqual(new Set([200]));
    });
  });

if (ENGINE === 'sqlite')
  describe('while another process holds the file', () => {
    it('changes are 503, verifying goes on, and all is well again after', async () => {
      const other = await connect({ url: database.url }, LATCHKEY_ENTITIES);
      const change = (fullName: string) =>
        latchkey.call('PATCH', `/v1/users/${key.user}`, { auth: key.token, json: { fullName } });
      await other.query('BEGIN IMMEDIATE');
      const answer = await change('Held');
      expect([answer.status, answer.json.code, answer.headers['retry-after']]).toEqual([503, 'unavailable', '1']);
      for (const path of PATHS) expect(await status(path)).toBe(200);
      await other.query('ROLLBACK');
      await other.destroy();
      expect((await change('Free')).json.fullName).toBe('Free');
    });
  });
