import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Account, makeRoles } from '../support/accounts.js';
import { ENGINE, freshDatabase, type TestDatabase } from '../support/app.js';
import { type Engine, type Server, startServer } from '../support/database-server.mjs';
import { client, type Client } from '../support/http.js';
import { latchkey as command, type Running, startProcess } from '../support/process.js';

/** 600 is ten minutes, as in the gate. */
const SECONDS = Number(process.env.TEST_SOAK_SECONDS ?? 600);
const AWAY_MS = 8000;
const SAMPLE_MS = 2000;

let server: Server | undefined;
let database: TestDatabase;
let running: Running;
let auth: string;
let call: Client;

beforeAll(async () => {
  const binary = process.env.TEST_SERVER_BINARY;
  if (ENGINE !== 'sqlite' && binary) server = await startServer(ENGINE as Engine, binary, { durable: true });
  database = await freshDatabase(server?.url);
  const env = { DATABASE_URL: database.url, LOG_LEVEL: 'info' };
  const { stdout } = await command(['keys', 'generate', 'Administrator', '--json'], env);
  const { apiKey, apiSecret } = JSON.parse(stdout);
  auth = `token ${apiKey}:${apiSecret}`;
  running = await startProcess(env);
  call = client(running.url);
  await makeRoles(call, auth);
}, 120_000);
afterAll(async () => {
  await running.end('SIGKILL');
  if (server) await server.remove();
  else await database.remove();
});

/** Bytes that the server holds in memory. */
function memory(): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${running.child.pid}/status`, 'utf8'))![1]) * 1024;
}

const random = (items: readonly string[]) => items[Math.floor(Math.random() * items.length)]!;
const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

it(
  `a mixed load of ${SECONDS} s with a restart of the database in the middle`,
  async () => {
    const end = Date.now() + SECONDS * 1000;
    const statuses: Record<string, number> = {};
    const wrong: string[] = [];
    let away = false;

    const reads: (() => [string, string, string | undefined, number])[] = [
      () => ['GET', '/v1/me', auth, 200],
      () => ['GET', '/api/method/frappe.auth.get_logged_user', auth, 200],
      () => ['GET', `/v1/users?limit=50&search=${random(['s', 'soak', 'x'])}`, auth, 200],
      () => ['GET', '/v1/api-keys?limit=50', auth, 200],
      () => ['GET', '/v1/roles', auth, 200],
      () => ['GET', '/v1/me', `${auth}x`, 401],
      () => ['GET', '/v1/me', `token lk_${crypto.randomUUID()}:x`, 401],
      () => ['GET', '/v1/users/nobody@example.com', auth, 404],
      () => ['GET', '/api/method/ping', undefined, 200],
      () => ['GET', '/nowhere', undefined, 404],
    ];
    const reader = async () => {
      while (Date.now() < end) {
        const [method, path, as, expected] = reads[Math.floor(Math.random() * reads.length)]!();
        const mayFail = away;
        const { status } = await call(method, path, as === undefined ? {} : { auth: as });
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (status !== expected && !(status === 503 && (mayFail || away))) wrong.push(`${method} ${path}: ${status}`);
        await delay(40 + Math.random() * 80);
      }
    };
    const accounts = Array.from({ length: 6 }, (_, i) => new Account(`soak.${i}@example.com`, auth));
    const changer = async (account: Account) => {
      while (Date.now() < end) {
        const mayFail = away;
        const answered = await account.change(call);
        if (!answered && !mayFail && !away) wrong.push(`${account.name}: 503 while the database was there`);
        await delay(100 + Math.random() * 200);
        if (!answered) await back();
        if (!answered) wrong.push(...(await account.check(call)));
      }
    };
    const back = async () => {
      while ((await call('GET', '/health/ready')).status !== 200) await delay(200);
    };
    const restart = async () => {
      await delay((SECONDS * 1000) / 2);
      if (!server) return;
      away = true;
      await server.stop();
      await delay(AWAY_MS);
      await server.start();
      await back();
      await delay(2000); // what was asked just before is answered by now
      away = false;
    };
    const samples: number[] = [];
    const sampler = async () => {
      while (Date.now() < end) {
        samples.push(memory());
        await delay(SAMPLE_MS);
      }
    };
    await Promise.all([...Array.from({ length: 12 }, reader), ...accounts.map(changer), restart(), sampler()]);
    for (const account of accounts) wrong.push(...(await account.check(call)));

    const half = samples.slice(samples.length / 2);
    const [third, last] = [half.slice(0, half.length / 2), half.slice(half.length / 2)].map(mean) as [number, number];
    const changes = accounts.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
    process.stdout.write(
      `${JSON.stringify({ statuses, changes, mebibytes: { third: third >> 20, last: last >> 20 } })}\n`,
    );
    expect(wrong).toEqual([]);
    expect(statuses['200']).toBeGreaterThan(SECONDS * 10);
    if (server) expect(statuses['503']).toBeGreaterThan(0);
    expect(last - third).toBeLessThan(Math.max(0.1 * third, 16 * 2 ** 20));
    const { json } = await call('GET', '/v1/api-keys?user=Administrator', { auth });
    expect(Date.now() - Date.parse(json.data[0].lastUsedAt)).toBeLessThan(35_000);
    const failures = running
      .output()
      .split('\n')
      .filter((line) => /"level":"(fatal)"|internal error/.test(line));
    expect(failures).toEqual([]);
  },
  (SECONDS + 120) * 1000,
);
