import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'node:http';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ENGINE, freshDatabase, type TestDatabase } from '../support/app.js';
import { client } from '../support/http.js';
import { type Running, latchkey as command, run, startProcess } from '../support/process.js';

/** What does not depend on the engine is tried on one. */
const everything = ENGINE === 'sqlite';

let database: TestDatabase;
let dir: string;
let running: Running | undefined;

beforeAll(async () => {
  database = await freshDatabase();
  dir = mkdtempSync(join(tmpdir(), 'latchkey-cwd-'));
});
afterEach(async () => {
  await running?.end('SIGKILL');
});
afterAll(async () => {
  await database.remove();
  rmSync(dir, { recursive: true, force: true });
});

describe('the first start', () => {
  it('prints a curl line that works as pasted, once', async () => {
    // SQLite without any configuration, as in a new clone.
    running = await startProcess(ENGINE === 'sqlite' ? {} : { DATABASE_URL: database.url }, dir);
    for (let i = 0; i < 100 && !running.output().includes('npx bench'); i++) await delay(20);
    const line = running
      .output()
      .split('\n')
      .find((text) => text.includes('curl '))!;
    const { code, stdout } = await run('bash', ['-c', line.trim()], {});
    expect([code, stdout]).toEqual([0, '{"message":"Administrator"}']);
    if (ENGINE === 'sqlite') expect(readdirSync(join(dir, 'data'))).toContain('latchkey.sqlite');
    expect(
      running
        .output()
        .split('\n')
        .filter((text) => text.startsWith('{'))
        .join(),
    ).not.toContain('lks_');
    await running.end('SIGINT');
    running = await startProcess(ENGINE === 'sqlite' ? {} : { DATABASE_URL: database.url }, dir);
    expect((await client(running.url)('GET', '/health/ready')).status).toBe(200);
    expect(running.output()).not.toContain('lks_');
  });

  if (everything)
    it.each([
      ['in production', { NODE_ENV: 'production', MIGRATE_ON_START: 'on' }],
      ['on another address than loopback', { HOST: '0.0.0.0' }],
      ['with ADMIN_PASSWORD', { ADMIN_PASSWORD: 'correct horse battery staple' }],
    ])('prints none %s', async (_, env) => {
      const fresh = await freshDatabase();
      running = await startProcess({ DATABASE_URL: fresh.url, ...env } as Record<string, string>);
      expect(running.output()).not.toMatch(/lks_|curl|horse/);
      const listed = await command(['keys', 'list', '--json'], { DATABASE_URL: fresh.url });
      expect(JSON.parse(listed.stdout)).toEqual([]); // none was made, so none will be printed
      await running.end('SIGKILL');
      await fresh.remove();
    });
});

describe('production', () => {
  it('refuses to start without DATABASE_URL, and without its tables', async () => {
    await expect(startProcess({ NODE_ENV: 'production' })).rejects.toThrow(/exit 1: latchkey: .*\n.*DATABASE_URL/);
    const fresh = await freshDatabase();
    const env = { NODE_ENV: 'production', DATABASE_URL: fresh.url };
    await expect(startProcess(env)).rejects.toThrow(/exit 1: [^]*run "latchkey migrate" first/);
    expect((await command(['migrate'], env)).code).toBe(0);
    const made = await command(['keys', 'generate', 'Administrator', '--json'], env);
    running = await startProcess(env);
    const { apiKey, apiSecret } = JSON.parse(made.stdout);
    const { json } = await client(running.url)('GET', '/v1/me', { auth: `token ${apiKey}:${apiSecret}` });
    expect(json.name).toBe('Administrator');
    await running.end('SIGKILL');
    await fresh.remove();
  });
});

if (everything) {
  describe('SIGTERM', () => {
    it('readiness goes first, requests under way finish, and the process ends', async () => {
      running = await startProcess({ DATABASE_URL: database.url, DRAIN_DELAY_MS: '700' });
      const { apiKey, apiSecret } = JSON.parse(
        (await command(['keys', 'generate', 'Administrator', '--json'], { DATABASE_URL: database.url })).stdout,
      );
      const auth = `token ${apiKey}:${apiSecret}`;
      const call = client(running.url);
      expect((await call('GET', '/health/ready')).status).toBe(200);

      // A request whose body arrives slowly.
      const body = JSON.stringify({ email: 'slow@example.com', fullName: 'Slow' });
      const headers = { authorization: auth, 'content-type': 'application/json', 'content-length': body.length };
      const slow = request(`${running.url}/v1/users`, { method: 'POST', headers, agent: false });
      const answered = new Promise<number>((resolve, reject) => {
        slow.once('response', ({ statusCode }) => resolve(statusCode!)).once('error', reject);
      });
      slow.write(body.slice(0, 10));
      await delay(100);

      const ended = running.end('SIGTERM');
      await delay(100);
      expect((await call('GET', '/health/ready')).status).toBe(503);
      expect((await call('GET', '/v1/me', { auth })).status).toBe(200);
      await delay(900); // past the delay: the listening has ended
      await expect(call('GET', '/health/live')).rejects.toThrow('ECONNREFUSED');
      slow.end(body.slice(10));
      expect(await answered).toBe(201);
      expect(await ended).toEqual({ code: null, signal: 'SIGTERM' });
    });
  });
}
