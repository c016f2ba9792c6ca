import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { freshDatabase, type TestDatabase } from '../support/app.js';
import { client } from '../support/http.js';
import { latchkey as command, type Running, startProcess } from '../support/process.js';
import { crowd, drip, type Ended } from './slow-clients.js';

/** What the server allows (src/app.ts), and how late it may be: it looks every 5 s, and this machine has other things to do. */
const LIMITS = { headers: 15_000, request: 30_000, silence: 60_000, keepAlive: 66_000 };
const LATE = 5000 + 5000;
/** Of a page of some 90 kB: together more than what the system buffers for a connection, and no flood. */
const PIPELINED = 120;

let database: TestDatabase;
let running: Running;
let token: string;

beforeAll(async () => {
  database = await freshDatabase();
  const env = { DATABASE_URL: database.url, ADMIN_PASSWORD: 'no token is to be printed', LOG_LEVEL: 'warn' };
  running = await startProcess({ ...env, LOG_LEVEL: 'info' });
  const { apiKey, apiSecret } = JSON.parse(
    (await command(['keys', 'generate', 'Administrator', '--json'], env)).stdout,
  );
  token = `token ${apiKey}:${apiSecret}`;
  for (let i = 0; i < 100; i++) {
    const json = { email: `user${i}@example.com`, fullName: '𝒳'.repeat(140) };
    await client(running.url)('POST', '/v1/users', { auth: token, json });
  }
}, 60_000);
afterAll(async () => {
  await running.end('SIGKILL');
  await database.remove();
});

/** Files and sockets that the server has open; undefined where that can't be seen. */
function openFiles(): number | undefined {
  const folder = `/proc/${running.child.pid}/fd`;
  return existsSync(folder) ? readdirSync(folder).length : undefined;
}

/** Megabytes that the server takes; undefined where that can't be seen. */
function memory(): number | undefined {
  const file = `/proc/${running.child.pid}/status`;
  return existsSync(file) ? Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(file, 'utf8'))![1]) / 1024 : undefined;
}

/** A good request after another on connections of their own, until told to stop. @returns what each took, in ms. */
function pulse() {
  const times: number[] = [];
  const state = { stopped: false };
  const beating = (async () => {
    while (!state.stopped) {
      const began = performance.now();
      const { status } = await client(running.url)('GET', '/v1/me', { auth: token });
      if (status !== 200) throw new Error(`a good token got ${status}`);
      times.push(performance.now() - began);
      await delay(100);
    }
    return times;
  })();
  beating.catch(() => undefined); // `stop` hands it on
  return {
    stop() {
      state.stopped = true;
      return beating;
    },
  };
}

function expectEnded(ended: readonly Ended[], limit: number): void {
  const times = ended.map(({ milliseconds }) => Math.round(milliseconds));
  expect(Math.min(...times)).toBeGreaterThan(limit - 2000);
  expect(Math.max(...times)).toBeLessThan(limit + LATE);
}

it('slow, silent, idle and deaf clients are cut off in time, and keep nobody else waiting', async () => {
  const { url } = running;
  await client(url)('GET', '/v1/users?limit=100', { auth: token }); // warm
  const before = { files: openFiles(), memory: memory() };
  const beats = pulse();
  const post = `POST /v1/users HTTP/1.1\r\nHost: x\r\nAuthorization: ${token}\r\nContent-Type: application/json\r\n`;
  const list = `GET /v1/users?limit=100 HTTP/1.1\r\nHost: x\r\nAuthorization: ${token}\r\n\r\n`;

  const slowHeaders = crowd(url, 200, drip('GET /v1/me HTTP/1.1\r\nHost: x\r\nX-Slow: ', 'x'));
  const slowBodies = crowd(url, 50, drip(`${post}Content-Length: 10000\r\n\r\n{`, ' '));
  const slowChunks = crowd(url, 50, drip(`${post}Transfer-Encoding: chunked\r\n\r\n`, '1\r\n \r\n'));
  const silent = crowd(url, 100, () => undefined);
  const idle = crowd(url, 1000, (socket) => socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n'));
  const deaf = crowd(url, 3, (socket) => {
    socket.pause();
    socket.write(list.repeat(PIPELINED));
  });

  expectEnded(await slowHeaders.ended, LIMITS.headers);
  expectEnded(await silent.ended, LIMITS.headers);
  for (const slow of [slowBodies, slowChunks]) expectEnded(await slow.ended, LIMITS.request);

  const idleEnded = await idle.ended;
  expectEnded(idleEnded, LIMITS.keepAlive);
  expect(idleEnded.every(({ received }) => received.startsWith('HTTP/1.1 200'))).toBe(true);

  // Who does not read does not see the end either: only when it looks. By now its silence has been too long.
  for (const socket of deaf.sockets) socket.resume();
  const heard = (await deaf.ended).map(({ received }) => received.match(/HTTP\/1\.1 200/g)?.length ?? 0);
  expect(Math.max(...heard)).toBeGreaterThan(0);
  expect(Math.max(...heard)).toBeLessThan(PIPELINED);

  const times = await beats.stop();
  expect(times.length).toBeGreaterThan(100);
  expect(Math.max(...times)).toBeLessThan(2000);
  expect([running.child.exitCode, running.child.signalCode]).toEqual([null, null]);
  expect(running.output()).not.toMatch(/"level":"(error|fatal)"/);
  if (before.files !== undefined) expect(openFiles()).toBeLessThan(before.files + 20);
  if (before.memory !== undefined) expect(memory()).toBeLessThan(before.memory + 150);
  process.stdout.write(
    `${times.length} good requests meanwhile, the slowest in ${Math.round(Math.max(...times))} ms\n`,
  );
}, 150_000);
