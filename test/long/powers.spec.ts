import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source.js';
import { ENGINE, freshDatabase, type TestDatabase } from '../support/app.js';
import { Random } from '../support/attack.js';
import { type Node, Nodes, once } from '../support/nodes.js';
import { message, Wire } from '../support/wire.js';

const ROUNDS = Number(process.env.POWERS_ROUNDS ?? 8);
const SEED = Number(process.env.POWERS_SEED ?? Date.now() % 1_000_000);
const NODES = 3;
const WORDS = 60;
const PIPELINE = join(process.cwd(), 'test/support/pipeline.mjs');
const PASSWORD = 'a password to test with';
/** For how long after the answer what it must have stopped is looked for. */
const WATCHED_MS = 1500;
const CALL_MS = 20_000;
/** A revocation beside the connections that try to hold it up may take so many times as long as at rest. */
const TIMES = 3;
const REVOCATIONS = 15;

const random = new Random(SEED);
let database: TestDatabase;
let observer: DataSource;
let nodes: Nodes;

beforeAll(async () => {
  database = await freshDatabase();
  nodes = await start();
  observer = await new DataSource(dataSourceOptions({ url: database.url }, [])).initialize();
  process.stdout.write(`${ENGINE}: POWERS_ROUNDS=${ROUNDS} POWERS_SEED=${SEED}\n`);
}, 60_000);
afterAll(async () => {
  await nodes?.end();
  await observer?.destroy();
  await database.remove();
}, 30_000);

const start = () => Nodes.start(Array.from({ length: NODES }, () => database.url));
const newName = (kind: string) => `${kind}.${crypto.randomUUID()}@example.com`;

interface Caller {
  readonly user: string;
  readonly apiKey: string;
  readonly headers: Record<string, string>;
}

async function newCaller(way: 'token' | 'session', roles: string[], password?: string): Promise<Caller> {
  const user = newName('caller');
  const given = way === 'session' ? PASSWORD : password;
  await nodes.ask('POST', '/v1/users', { email: user, fullName: 'A Caller', roles, password: given });
  if (way === 'session') return { user, apiKey: '', headers: { cookie: await logIn(user) } };
  const { apiKey, apiSecret } = JSON.parse((await nodes.ask('POST', '/v1/api-keys', { user })).body);
  return { user, apiKey, headers: { authorization: `token ${apiKey}:${apiSecret}` } };
}

async function logIn(user: string): Promise<string> {
  const { head } = await nodes.ask('POST', '/v1/session', { user, password: PASSWORD }, {});
  return /\r\nset-cookie: (sid=[^;]+)/i.exec(head)![1]!;
}

/** What happens to a node while the power is taken; resolves when it is well again. */
const FAULTS: Record<string, (node: Node) => Promise<void>> = {
  none: async () => undefined,
  frozen: async ({ running }) => {
    running.child.kill('SIGSTOP');
    await delay(random.between(50, 700));
    running.child.kill('SIGCONT');
  },
  killed: async (node) => {
    await node.running.end('SIGKILL');
    await nodes.restart(node);
  },
  'cut off': async ({ proxy }) => {
    await proxy?.blackHole();
    await delay(random.between(50, 700));
    await proxy?.heal('lost');
  },
};

/** The status of a call that is repeated, node after node, until one says that it is done. */
async function insist(call: string): Promise<void> {
  for (let i = 0; i < 20; i++) {
    const node = random.pick(nodes.all);
    const reply = await once(node.url, call, CALL_MS).catch(() => undefined);
    if (reply && reply.status < 300) return;
    if (reply?.status === 404) return; // an earlier one did it, and its answer was lost
  }
  throw new Error('No node does it.');
}

it(
  `${ROUNDS} rounds: no change commits after the answer that took the power for it`,
  async () => {
    const late: string[] = [];
    let committed = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const way = random.pick(['token', 'session'] as const);
      const { user, apiKey, headers } = await newCaller(way, ['System Manager']);
      const takings: [string, string, unknown?][] = [
        ['PATCH', `/v1/users/${user}`, { roles: [] }],
        ['PATCH', `/v1/users/${user}`, { enabled: false }],
        ['DELETE', `/v1/users/${user}`],
        ...(way === 'token'
          ? ([['DELETE', `/v1/api-keys/${apiKey}/secrets`]] as [string, string][])
          : ([
              ['DELETE', `/v1/users/${user}/sessions`],
              ['PATCH', `/v1/users/${user}`, { password: 'another one, as good' }],
            ] as [string, string, unknown?][])),
      ];
      const taking = random.pick(takings);
      const fault = random.pick(Object.keys(FAULTS));
      const name = newName(`word.${round}`).replace('@', '.');
      const words = Array.from({ length: WORDS }, (_, i) => {
        const json = { email: `${name}${i}@example.com`, fullName: 'A Word', roles: ['System Manager'] };
        const call = message('POST', '/v1/users', headers, json);
        return once(random.pick(nodes.all).url, call, CALL_MS).catch(() => undefined);
      });
      const broken = FAULTS[fault]!(random.pick(nodes.all));
      await delay(random.between(0, 60));
      await insist(nodes.message(...taking));
      const count = async () => {
        const sql = `SELECT COUNT(*) AS count FROM lk_users WHERE name LIKE '${name}%'`;
        return Number((await observer.query(sql))[0].count);
      };
      const atTheAnswer = await count();
      await Promise.all(words);
      await broken;
      await delay(WATCHED_MS);
      const after = await count();
      committed += atTheAnswer;
      if (after !== atTheAnswer) late.push(`${fault}, ${taking.slice(0, 2).join(' ')}: ${after - atTheAnswer} late`);
      nodes.requireAll();
    }
    process.stdout.write(`${ENGINE}: ${committed} of ${ROUNDS * WORDS} changes were in time\n`);
    expect(late).toEqual([]);
    expect(committed).toBeGreaterThan(0); // or nothing was under way
  },
  (ROUNDS * 20 + 60) * 1000,
);

it(
  `${ROUNDS} rounds: no password change undoes a reset`,
  async () => {
    const undone: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const { user } = await newCaller('token', [], PASSWORD);
      const seen = { over: false, changed: 0 };
      // Before: whoever tries the old password after the reset is a guesser, and would have the others wait for a turn.
      const cookies: string[] = [];
      for (let i = 0; i < NODES; i++) cookies.push(await logIn(user));
      const thief = async (node: Node, i: number) => {
        const cookie = cookies[i]!;
        while (!seen.over) {
          const json = { currentPassword: PASSWORD, password: PASSWORD };
          const call = message('PATCH', `/v1/users/${user}`, { cookie }, json);
          const reply = await once(node.url, call, CALL_MS).catch(() => undefined);
          if (reply?.status === 200) seen.changed++;
          if (reply?.status === 401) return;
          await delay(5);
        }
      };
      const thieves = nodes.all.map((node, i) => thief(node, i).catch(() => undefined));
      await delay(random.between(100, 600));
      const broken = FAULTS[random.pick(Object.keys(FAULTS))]!(random.pick(nodes.all));
      const password = `reset by the manager ${round}`;
      await insist(nodes.message('PATCH', `/v1/users/${user}`, { password }));
      await delay(WATCHED_MS / 2);
      seen.over = true;
      await Promise.all(thieves);
      await broken;
      const right = await nodes.ask('POST', '/v1/session', { user, password }, {}).catch((error: Error) => error);
      if (right instanceof Error) undone.push(`round ${round}, after ${seen.changed} changes: ${right.message}`);
      nodes.requireAll();
    }
    expect(undone).toEqual([]);
  },
  (ROUNDS * 30 + 60) * 1000,
);

/** Connections that send the same request again and again, from a process of their own. */
function pipeline(url: string, connections: number, request: string): () => void {
  const child = spawn(process.execPath, [PIPELINE, JSON.stringify({ url, connections, request })], {
    stdio: 'inherit',
  });
  return () => child.kill('SIGKILL');
}

/** Calls that revoke a secret each. */
async function newRevocations(): Promise<string[]> {
  const calls: string[] = [];
  for (let i = 0; i < REVOCATIONS; i++) {
    const { apiKey } = await newCaller('token', []);
    calls.push(nodes.message('DELETE', `/v1/api-keys/${apiKey}/secrets`));
  }
  return calls;
}

/** The milliseconds that they take, sorted; on a connection that is open already. */
async function timesOf(node: Node, calls: string[]): Promise<number[]> {
  const times: number[] = [];
  const wire = await Wire.open(node.url);
  for (const call of calls) {
    const from = performance.now();
    const { status } = await wire.send(call);
    times.push(performance.now() - from);
    expect(status).toBe(204);
  }
  wire.close();
  return times.toSorted((a, b) => a - b);
}

const median = (sorted: number[]) => sorted[Math.floor(sorted.length / 2)]!;

it('nobody holds up the revocations of others', async () => {
  // Times are compared: nodes that nothing has happened to.
  await nodes.end();
  nodes = await start();
  const [node] = nodes.all as [Node];
  const logOut = message('DELETE', '/v1/session', { cookie: `sid=${'A'.repeat(43)}` });
  const { user, headers } = await newCaller('session', []);
  const rename = message('PATCH', `/v1/users/${user}`, headers, { fullName: 'Some Body Else' });
  const beside: Record<string, [number, string]> = {
    '4 anonymous connections that log out': [4, logOut],
    '400 anonymous connections that log out': [400, logOut],
    'an ordinary user who changes the own name on 16 connections': [16, rename],
  };
  const slow: string[] = [];
  await timesOf(node, await newRevocations()); // warm
  for (const [who, [connections, request]] of Object.entries(beside)) {
    const rest = median(await timesOf(node, await newRevocations()));
    const calls = await newRevocations();
    const stop = pipeline(node.url, connections, request);
    await delay(1000);
    const times = await timesOf(node, calls).finally(stop);
    const line = `${who}: ${median(times).toFixed(1)} ms, at rest ${rest.toFixed(1)}, at most ${times.at(-1)!.toFixed(1)}`;
    process.stdout.write(`${ENGINE}: ${line}\n`);
    // Within twenty milliseconds nobody waits.
    if (median(times) > Math.max(20, TIMES * rest)) slow.push(line);
    await delay(500);
  }
  expect(slow).toEqual([]);
}, 180_000);
