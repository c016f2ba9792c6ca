import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { OPERATOR } from '../../src/users/principal.js';
import { newName, startApp, type TestApp } from '../support/app.js';

const PASSWORD = 'a password to test with';
const TRIES = 200;

let latchkey: TestApp;
beforeAll(async () => {
  latchkey = await startApp({ logLevel: 'silent' });
});
afterAll(async () => {
  await latchkey.close();
});

interface Timed {
  readonly ms: number;
  readonly status: number;
  /** The cookie by which the browser is known from then on. */
  readonly device: string | undefined;
}

/** How long an answer took, and its status. From an address of its own, or guesses would be limited. */
function timed(localAddress: string, user: string, password: string, device?: string): Promise<Timed> {
  const body = JSON.stringify({ user, password });
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(device !== undefined && { cookie: device }),
  };
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', localAddress, headers, agent: false as const };
    const sent = request(`${latchkey.url}/v1/session`, options, (answer) => {
      answer.resume();
      const cookie = answer.headers['set-cookie']?.find((one) => one.startsWith('device='))?.split(';')[0];
      answer.on('end', () => resolve({ ms: performance.now() - began, status: answer.statusCode!, device: cookie }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function newUser(): Promise<string> {
  return (await latchkey.accounts.create(OPERATOR, { email: newName(), fullName: 'X', password: PASSWORD })).name;
}

const sorted = (values: number[]) => values.toSorted((a, b) => a - b);
const quantile = (values: number[], q: number) =>
  sorted(values)[Math.min(values.length - 1, Math.floor(values.length * q))]!;

it('an unknown user and a wrong password cannot be told apart by the time', async () => {
  const user = await newUser();
  const times: Record<'unknown' | 'wrong', number[]> = { unknown: [], wrong: [] };
  for (let i = 0; i < TRIES; i++) {
    const address = `127.1.${i}.1`;
    const both = [
      ['unknown', newName()],
      ['wrong', user],
    ] as const;
    for (const [kind, name] of i % 2 ? both : both.toReversed()) {
      const { ms, status } = await timed(address, name, 'some wrong password');
      expect(status).toBe(401);
      times[kind].push(ms);
    }
  }
  // The share of pairs in which the unknown one is slower: one half where they are alike (Mann and Whitney's U).
  const slower = times.unknown.flatMap((a) => times.wrong.map((b): number => (a > b ? 1 : 0)));
  const share = slower.reduce((sum, one) => sum + one, 0) / slower.length;
  console.log('unknown, wrong: medians', quantile(times.unknown, 0.5), quantile(times.wrong, 0.5), 'share', share);
  expect(Math.abs(share - 0.5)).toBeLessThan(0.12); // four standard deviations of U for 200 and 200
});

it('ten thousand guesses from one address keep nobody out who is elsewhere, or in a known browser there', async () => {
  const user = await newUser();
  let { device } = await timed('127.3.2.1', user, PASSWORD);
  const began = performance.now();
  const statuses: Record<number, number> = {};
  let slowest = 0;
  for (let i = 0; i < 10_000; i += 200) {
    const guesses = Array.from({ length: 200 }, (_, j) => timed('127.3.0.1', user, `wrong password ${i + j}`));
    if (i % 1000 === 0) {
      for (const real of [
        await timed(`127.3.1.${i / 1000 + 1}`, user, PASSWORD),
        await timed('127.3.0.1', user, PASSWORD, device),
      ]) {
        expect(real.status).toBe(201);
        ({ device } = real);
        slowest = Math.max(slowest, real.ms);
      }
    }
    for (const { status } of await Promise.all(guesses)) statuses[status] = (statuses[status] ?? 0) + 1;
  }
  console.log('guesses', statuses, 'slowest log-in of the user', slowest);
  const minutes = (performance.now() - began) / 60_000;
  expect(statuses[401]).toBeLessThanOrEqual(6 + minutes);
  expect(Object.keys(statuses)).toEqual(['401', '429']);
  expect((await timed('127.3.0.1', user, PASSWORD, 'device=x')).status).toBe(429);
}, 300_000);

it('a right password gets in from an address at which ten names are guessed without end', async () => {
  const users = [await newUser(), await newUser(), await newUser(), await newUser(), await newUser()];
  const ends = new AbortController();
  const judged: number[] = [];
  const guessers = Array.from({ length: 40 }, async (_, i) => {
    while (!ends.signal.aborted)
      judged.push((await timed('127.4.0.1', `name${i % 10}@example.com`, 'some wrong password')).status);
  });
  const began = performance.now();
  const waits: number[] = [];
  while (!judged.includes(429)) await delay(10);
  for (const user of users) {
    const asked = performance.now();
    // Again where two others were just being hashed.
    while ((await timed('127.4.0.1', user, PASSWORD)).status !== 201) await delay(1000);
    waits.push(performance.now() - asked);
  }
  ends.abort();
  await Promise.all(guessers);
  const minutes = (performance.now() - began) / 60_000;
  const wrong = judged.filter((status) => status === 401).length;
  console.log('waits of right passwords', waits, 'judged', wrong, 'of', judged.length, 'in', minutes, 'minutes');
  expect(Math.max(...waits)).toBeLessThan(20_000);
  expect(wrong).toBeLessThanOrEqual(15 * Math.ceil(minutes / 5) + 7 * minutes + 2);
}, 300_000);
