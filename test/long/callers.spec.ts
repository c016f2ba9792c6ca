import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { OPERATOR } from '../../src/users/principal.js';
import { ENGINE, freshDatabase, startApp, type TestDatabase } from '../support/app.js';
import { type Running, startProcess } from '../support/process.js';

// Everybody comes from one address, as behind a NAT, right after all nodes were started anew.
const NODES = ENGINE === 'sqlite' ? 1 : 3;
const KEYS = 30;
/** What each of the two that are beside sends, over all nodes. */
const PER_SECOND = 1000;
/** To each node. */
const CONNECTIONS = 300 / NODES;
const PATIENCE_MS = 500;

let database: TestDatabase;
let used: string[];
let unused: string[];
let dead: string;
const nodes: Running[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  const before = await startApp({}, database);
  const make = async () => (await before.key()).token;
  used = [];
  unused = [];
  for (let i = 0; i < KEYS; i++) {
    used.push(await make());
  }
  for (let i = 0; i < 3 * KEYS; i++) unused.push(await make());
  for (const auth of used) expect((await before.call('GET', '/v1/me', { auth })).status).toBe(200);
  const key = await before.key();
  await before.apiKeys.revoke(OPERATOR, key.apiKey);
  dead = key.token;
  await before.close(); // which writes when they were used
}, 60_000);
afterAll(async () => {
  for (const node of nodes.splice(0)) await node.end('SIGKILL');
  await database.remove();
});

async function restart(): Promise<void> {
  const env = { DATABASE_URL: database.url, LOG_LEVEL: 'info', BAD_CREDENTIALS_PER_MINUTE: '100', METRICS_PORT: '0' };
  for (const node of nodes.splice(0)) await node.end('SIGKILL');
  for (let i = 0; i < NODES; i++) nodes.push(await startProcess(env));
}

const agent = new Agent({ keepAlive: true });

async function ask(url: string, authorization: string, through = agent): Promise<number> {
  const sent = request(`${url}/v1/me`, { agent: through, headers: { authorization } });
  sent.end();
  const [response] = await once(sent, 'response');
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}

/** Sends so many requests a second until it is stopped. @returns the answers by status. */
function load(next: () => string): { stop(): Promise<Record<string, number>> } {
  const statuses: Record<string, number> = {};
  const seen = { isOver: false };
  const through = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const connection = async (url: string) => {
    for (let due = performance.now(); !seen.isOver; due += (1000 * CONNECTIONS * NODES) / PER_SECOND) {
      const early = due - performance.now();
      if (early > 0) await delay(early);
      else due -= early; // no slower, and no faster to make up for it
      const status = await ask(url, next(), through).catch((error: NodeJS.ErrnoException) => error.code ?? 'error');
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  const all = nodes.flatMap(({ url }) => Array.from({ length: CONNECTIONS }, () => connection(url)));
  return {
    stop: async () => {
      seen.isOver = true;
      await Promise.all(all);
      through.destroy();
      return statuses;
    },
  };
}

/** The milliseconds until each token was let in by the node of its turn, sorted, and the first answers. */
async function letIn(tokens: string[]): Promise<{ first: number[]; ms: number[] }> {
  const first: number[] = [];
  const one = async (token: string, i: number) => {
    const { url } = nodes[i % NODES]!;
    const from = performance.now();
    for (let tries = 0; performance.now() - from < 30_000; tries++) {
      const status = await ask(url, token);
      if (tries === 0) first.push(status);
      if (status === 200) return performance.now() - from;
      await delay(PATIENCE_MS);
    }
    return Infinity;
  };
  const ms = await Promise.all(tokens.map(one));
  return { first, ms: ms.toSorted((a, b) => a - b) };
}

const stuck = () => dead;
let guesses = 0;
const guess = () => `token lk_guess${guesses++}:lks_guess`;

it.each<[string, (() => string)[], number]>([
  ['a client that goes on with a dead token', [stuck], 2000],
  ['somebody who guesses', [guess], 10_000],
  ['both', [stuck, guess], 10_000],
])(
  'beside %s, who was known is let in at once, and who was not, soon',
  async (who, beside, patience) => {
    await restart();
    const loads = beside.map(load);
    await delay(1500);
    const known = await letIn(used);
    const unknown = await letIn(unused.splice(0, KEYS));
    const statuses = await Promise.all(loads.map((one) => one.stop()));
    const [median, most] = [unknown.ms[KEYS / 2]!, unknown.ms.at(-1)!].map(Math.round);
    process.stdout.write(
      `${ENGINE}, ${NODES} nodes, ${who}: known at once, at most ${Math.round(known.ms.at(-1)!)} ms; ` +
        `unknown after ${median} ms, at most ${most}; the others got ${JSON.stringify(statuses)}\n`,
    );
    expect([...new Set(known.first)]).toEqual([200]);
    expect(most).toBeLessThan(patience);
  },
  90_000,
);
