import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPERATOR } from '../../src/users/principal.js';
import { ENGINE, freshDatabase, newName, startApp, type TestDatabase, type TestKey } from '../support/app.js';
import { client } from '../support/http.js';
import { run, type Running, startProcess } from '../support/process.js';

const LOAD = join(process.cwd(), 'test/support/load.mjs');
const SECONDS = Number(process.env.FLOOD_SECONDS ?? 6);
/** At least, and at most: whatever else runs on this machine slows the one more than the other, so it is measured longer. */
const [ROUNDS, MOST_ROUNDS] = [3, 9];

let database: TestDatabase;
let running: Running;
let tokens: string[];
let revocable: TestKey[];
let logIns: { user: string; password: string }[];

beforeAll(async () => {
  database = await freshDatabase();
  const latchkey = await startApp({}, database);
  tokens = [];
  for (let i = 0; i < 50; i++) tokens.push((await latchkey.key()).token);
  logIns = [];
  for (let i = 0; i < 50; i++) {
    const made = { email: newName(), fullName: 'Some Body', password: 'a password to test with' };
    const { name: user } = await latchkey.accounts.create(OPERATOR, made);
    logIns.push({ user, password: made.password });
  }
  revocable = [];
  for (let i = 0; i < 20; i++) revocable.push(await latchkey.key());
  await latchkey.close();
  running = await startProcess({ DATABASE_URL: database.url, LOG_LEVEL: 'info' });
});
afterAll(async () => {
  await running.end('SIGTERM');
  await database.remove();
});

interface Load {
  readonly count: number;
  readonly statuses: Record<string, number>;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

async function load(
  options: { connections: number; seconds: number; tokens?: string[]; bodies?: object[] },
  path = '/v1/me',
): Promise<Load> {
  const { stdout } = await run(process.execPath, [LOAD, JSON.stringify({ url: running.url + path, ...options })], {});
  return JSON.parse(stdout) as Load;
}

/** Bytes that the server holds in memory. */
function memory(): number {
  const status = readFileSync(`/proc/${running.child.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
}

describe('a flood of unknown keys from 500 connections', () => {
  it('leaves those who are known their way in, and the memory bounded', async () => {
    const known = { connections: 8, tokens };
    await load({ ...known, seconds: SECONDS }); // warm
    const ratios: number[] = [];
    const median = () => ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)]!;
    let most = 0;
    while (ratios.length < ROUNDS || (ratios.length < MOST_ROUNDS && median() > 3)) {
      const rest = await load({ ...known, seconds: SECONDS });
      const before = memory();
      const flood = load({ connections: 500, seconds: SECONDS + 3 });
      await load({ ...known, seconds: 1 }); // until the flood has risen
      const beside = await load({ ...known, seconds: SECONDS });
      most = Math.max(most, memory() - before);
      const unknown = await flood;
      process.stdout.write(`${ENGINE}: ${JSON.stringify({ rest, beside, unknown })}\n`);
      expect(Object.keys(beside.statuses)).toEqual(['200']);
      expect(Object.keys(unknown.statuses).filter((status) => !['401', '503'].includes(status))).toEqual([]);
      ratios.push(beside.p99 / rest.p99);
    }
    process.stdout.write(
      `${ENGINE}: p99 beside the flood ${median().toFixed(2)} times that at rest, ${most >> 20} MiB more\n`,
    );
    expect(median()).toBeLessThanOrEqual(3);
    expect(most).toBeLessThan(150 * 2 ** 20);
  }, 300_000);
});

describe('a flood from 500 connections that asks', () => {
  const flood = { connections: 500, seconds: SECONDS + 1 };

  it('with pairs that were good once lets those in who are known', async () => {
    const gone = revocable.map(({ token }) => token);
    const call = client(running.url);
    for (const { token: auth, apiKey } of revocable) {
      expect((await call('GET', '/v1/me', { auth })).status).toBe(200);
      expect((await call('DELETE', `/v1/api-keys/${apiKey}/secrets`, { auth })).status).toBe(204);
    }
    const [revoked, beside] = await Promise.all([
      load({ ...flood, tokens: gone }),
      load({ connections: 8, seconds: SECONDS, tokens }),
    ]);
    process.stdout.write(`${ENGINE}: ${JSON.stringify({ revoked, beside })}\n`);
    expect(Object.keys(beside.statuses)).toEqual(['200']);
    expect(Object.keys(revoked.statuses).filter((status) => !['401', '503'].includes(status))).toEqual([]);
  }, 60_000);

  it('whether the server is ready lets those in who are known', async () => {
    const [ready, beside] = await Promise.all([
      load(flood, '/health/ready'),
      load({ connections: 8, seconds: SECONDS, tokens }),
    ]);
    process.stdout.write(`${ENGINE}: ${JSON.stringify({ ready, beside })}\n`);
    expect([Object.keys(beside.statuses), Object.keys(ready.statuses)]).toEqual([['200'], ['200']]);
  }, 60_000);
});

it('fifty log-ins at once, again and again, let tokens pass', async () => {
  const known = { connections: 8, seconds: SECONDS, tokens };
  const rest = await load(known);
  const [loggedIn, beside] = await Promise.all([
    load({ connections: 50, seconds: SECONDS + 1, bodies: logIns }, '/v1/session'),
    load(known),
  ]);
  process.stdout.write(`${ENGINE}: ${JSON.stringify({ rest, beside, loggedIn })}\n`);
  expect(Object.keys(beside.statuses)).toEqual(['200']);
  expect(Object.keys(loggedIn.statuses).toSorted()).toEqual(['201', '429']);
}, 60_000);
