import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ENGINE, freshDatabase, type TestDatabase } from '../support/app.js';
import { client, type Client } from '../support/http.js';
import { latchkey as command, type Running, startProcess } from '../support/process.js';

// Each worker takes a second or two to start, and more where others want the cores too.
jest.setTimeout(180_000);
/** Fifteen in the gate. */
const ROUNDS = Number(process.env.WORKERS_ROUNDS ?? 50);

let dir: string;
let database: TestDatabase;
let running: Running;
let call: Client;
/** Administrator's. */
let auth: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'latchkey-workers-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(async () => {
  const pids = workers();
  await running?.end('SIGKILL');
  for (const pid of pids) await gone(pid);
  await database.remove();
});

async function start(env: Record<string, string> = {}): Promise<void> {
  running = await startProcess({ DATABASE_URL: database.url, WORKERS: '2', ...env });
  call = client(running.url);
  if (env.ADMIN_PASSWORD !== undefined) return;
  const token = () => /'Authorization: (token [^']+)'/.exec(running.output())?.[1];
  await until(() => token() !== undefined);
  auth = token()!;
}

/** The process ids of all workers that have served so far. */
const workers = () =>
  [...running.output().matchAll(/"worker":(\d+),"msg":"worker serves"/g)].map(([, pid]) => Number(pid));

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function until(what: () => boolean | Promise<boolean>, seconds = 50): Promise<void> {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await delay(20))
    if (await what()) return;
  throw new Error(`Not within ${seconds} s: ${what}\n${running.output().slice(-2000)}`);
}
const gone = (pid: number) => until(() => !isAlive(pid));

/** The status of a request on a connection of its own; its error where there is no answer. */
async function status(path: string, token?: string): Promise<number | string> {
  const late = delay(5000, 'late', { ref: false });
  const answer = call('GET', path, token === undefined ? {} : { auth: token }).then(
    (answered) => answered.status,
    ({ code }: NodeJS.ErrnoException) => String(code),
  );
  return Promise.race([answer, late]);
}
const statuses = (count: number, token: string) =>
  Promise.all(Array.from({ length: count }, () => status('/v1/me', token)));

/** Has `work` done while one request after another comes on new connections, four at a time. @returns their statuses. */
async function underLoad(paths: string[], work: () => Promise<void>): Promise<(number | string)[]> {
  const seen: (number | string)[] = [];
  const under = { way: true };
  const load = Array.from({ length: 4 }, async () => {
    for (let i = 0; under.way; i++) seen.push(await status(paths[i % paths.length]!, auth));
  });
  await work().finally(() => (under.way = false));
  await Promise.all(load);
  return seen;
}

interface Attacked {
  readonly user: string;
  readonly apiKey: string;
}

async function makeUser(name: string): Promise<Attacked> {
  const user = await call('POST', '/v1/users', { auth, json: { email: name, fullName: 'A User' } });
  expect(user.status).toBe(201);
  const { status: made, json } = await call('POST', '/v1/api-keys', { auth, json: { user: name } });
  expect(made).toBe(201);
  return { user: name, apiKey: json.apiKey };
}

async function newSecret({ apiKey }: Attacked): Promise<string> {
  const { status: made, json } = await call('POST', `/v1/api-keys/${apiKey}/secrets`, { auth, json: {} });
  expect(made).toBe(201);
  return `token ${apiKey}:${json.apiSecret}`;
}

/** What takes a token's power, and is answered with that status. */
const TAKEN: [number, (of: Attacked) => ReturnType<Client>][] = [
  [204, ({ apiKey }) => call('DELETE', `/v1/api-keys/${apiKey}/secrets`, { auth })],
  [201, ({ apiKey }) => call('POST', `/v1/api-keys/${apiKey}/secrets`, { auth, json: {} })],
  [200, ({ user }) => call('PATCH', `/v1/users/${user}`, { auth, json: { enabled: false } })],
];

/** @returns how many requests were accepted that were sent after the answer. */
async function attack(rounds: number): Promise<number> {
  const attacked = await makeUser('attacked@example.com');
  let accepted = 0;
  for (let round = 0; round < rounds; round++) {
    const token = await newSecret(attacked);
    expect(await statuses(4, token)).toEqual([200, 200, 200, 200]); // now every worker has cached it
    const [expected, take] = TAKEN[round % TAKEN.length]!;
    const taken = await take(attacked);
    const after = await statuses(20, token);
    expect(taken.status).toBe(expected);
    accepted += after.filter((answer) => answer === 200).length;
    expect(after.filter((answer) => answer !== 200 && answer !== 401)).toEqual([]);
    if (expected === 200) await call('PATCH', `/v1/users/${attacked.user}`, { auth, json: { enabled: true } });
  }
  return accepted;
}

describe('what is revoked', () => {
  it(`is refused by all workers from the answer on, ${ROUNDS} times`, async () => {
    await start();
    expect(workers()).toHaveLength(2);
    expect(await attack(ROUNDS)).toBe(0);
  }, 600_000);

  it('would be accepted if workers did not tell each other (so the attack is one)', async () => {
    const preload = join(dir, 'silent.mjs');
    writeFileSync(
      preload,
      `const send = process.send;
       if (send) process.send = (message, ...rest) => message.kind === 'change'
         ? setImmediate(() => process.emit('message', { latchkey: message.latchkey }))
         : send.call(process, message, ...rest);`,
    );
    await start({ NODE_OPTIONS: `--import=${preload}` });
    expect(await attack(6)).toBeGreaterThan(0);
  });

  it('is answered within about a second while a worker is frozen, which accepts nothing when it wakes', async () => {
    await start();
    const attacked = await makeUser('frozen@example.com');
    const token = await newSecret(attacked);
    const connections = await Promise.all(Array.from({ length: 6 }, () => Connection.open(running.url)));
    for (const connection of connections) expect(await connection.ask(token)).toBe(200);
    const [frozen] = workers();
    process.kill(frozen!, 'SIGSTOP');
    try {
      const asked = connections.map((connection) => connection.ask(token));
      await delay(300);
      const live = connections.find(({ answers }) => answers.length === 2)!;
      const waiting = connections.filter(({ answers }) => answers.length === 1);
      expect([live !== undefined, waiting.length > 0]).toEqual([true, true]);
      await live.ask(auth);
      const began = performance.now();
      expect(await live.ask(auth, 'DELETE', `/v1/api-keys/${attacked.apiKey}/secrets`)).toBe(204);
      const took = performance.now() - began;
      expect(took).toBeGreaterThan(850);
      expect(took).toBeLessThan(1500);
      expect(await live.ask(token)).toBe(401);
      const sentAfter = waiting.map((connection) => connection.ask(token));
      process.kill(frozen!, 'SIGCONT');
      expect(await Promise.all(sentAfter)).toEqual(waiting.map(() => 401));
      await Promise.all(asked);
      expect(await statuses(20, token)).toEqual(Array(20).fill(401));
      // And then nobody waits any more.
      await newSecret(attacked);
      const again = performance.now();
      await newSecret(attacked);
      expect(performance.now() - again).toBeLessThan(500);
    } finally {
      process.kill(frozen!, 'SIGCONT');
      for (const connection of connections) connection.close();
    }
  });
});

describe('what is done at the first start', () => {
  it('is done once', async () => {
    await start();
    await until(() => running.output().includes('npx bench'));
    for (const line of [/one-time password:/g, /curl -H/g, /"msg":"listening"/g, /Migration CreateTables\d+ done/g])
      expect(running.output().match(line)).toHaveLength(1);
  });
});

// All else has nothing to do with the database.
if (ENGINE === 'sqlite') {
  describe('a worker', () => {
    it('that is killed is replaced, and no more fail than it was serving', async () => {
      await start();
      const seen = await underLoad(['/v1/me'], async () => {
        await delay(300);
        process.kill(workers()[0]!, 'SIGKILL');
        await until(() => workers().length === 3);
        await delay(300);
      });
      expect(seen.filter((answer) => answer === 200).length).toBeGreaterThan(50);
      expect(seen.filter((answer) => answer !== 200).length).toBeLessThanOrEqual(4);
      expect(seen).not.toContain('late');
      expect(workers().filter(isAlive)).toHaveLength(2);
      // The new one is told too.
      expect(await attack(6)).toBe(0);
    });

    it('that ends before it took a connection leaves it to another', async () => {
      await start();
      const [frozen, other] = workers();
      process.kill(frozen!, 'SIGSTOP');
      const asked = statuses(10, auth);
      const answered = await Promise.race([asked, delay(1000, 'not all')]);
      process.kill(frozen!, 'SIGKILL');
      expect([answered, await asked]).toEqual(['not all', Array(10).fill(200)]);

      // The last one leaves none open.
      await until(() => workers().length === 3);
      for (const pid of [other!, workers()[2]!]) process.kill(pid, 'SIGSTOP');
      const asks = statuses(4, auth);
      await delay(300);
      for (const pid of [other!, workers()[2]!]) process.kill(pid, 'SIGKILL');
      expect(await asks).toEqual(Array(4).fill('ECONNRESET'));
    });

    it('that hangs is ended and replaced, and one that is only slow is not', async () => {
      await start();
      const [slow, hung] = workers();
      process.kill(slow!, 'SIGSTOP');
      await delay(7000);
      process.kill(slow!, 'SIGCONT');
      process.kill(hung!, 'SIGSTOP');
      await until(() => workers().length === 3);
      expect(running.output()).toContain(`"worker":${hung},"msg":"worker hangs, and is ended"`);
      expect([isAlive(slow!), isAlive(hung!)]).toEqual([true, false]);
      expect(await statuses(20, auth)).toEqual(Array(20).fill(200));
    });

    it('ends when its primary is gone', async () => {
      await start();
      const pids = workers();
      await running.end('SIGKILL');
      for (const pid of pids) await gone(pid);
      await expect(call('GET', '/health/live')).rejects.toThrow('ECONNREFUSED');
    });

    it.each([
      ['does not send through the channel', 'message => message', false],
      [
        'sends connections by another name',
        "message => message.act === 'newconn' ? { ...message, act: 'other' } : message",
        true,
      ],
    ])('is not left to a Node that %s', async (_, change, starts) => {
      const preload = join(dir, 'other-node.mjs');
      writeFileSync(
        preload,
        `import cluster from 'node:cluster';
       const { fork } = cluster;
       if (cluster.isPrimary) cluster.fork = () => {
         const worker = fork();
         let { send } = worker.process;
         const set = ${starts} ? (ours) => { send = (message, ...rest) => ours((${change})(message), ...rest); } : () => {};
         Object.defineProperty(worker.process, 'send', { get: () => send, set });
         return worker;
       };`,
      );
      const said = /hands out connections in a way that is not known here; use WORKERS=1/;
      const started = start({ NODE_OPTIONS: `--import=${preload}` });
      if (!starts) return expect(started).rejects.toThrow(said);
      await started;
      const exit = once(running.child, 'exit');
      expect(await statuses(1, auth)).toEqual(['ECONNRESET']);
      expect([await exit, running.output()]).toEqual([[1, null], expect.stringMatching(said)]);
    });

    it('is not started for ever when none can start', async () => {
      await start();
      const exit = once(running.child, 'exit');
      await database.remove();
      for (const pid of workers()) process.kill(pid, 'SIGKILL');
      expect(await exit).toEqual([1, null]);
      expect(running.output()).toContain('no worker can start');
      database = await freshDatabase();
    });
  });

  describe('signals', () => {
    it('SIGTERM lets them all drain, and ends them', async () => {
      await start({ DRAIN_DELAY_MS: '500' });
      const pids = workers();
      const ended = running.end('SIGTERM');
      await delay(150);
      expect([await status('/health/ready'), await status('/v1/me', auth)]).toEqual([503, 200]);
      expect(await ended).toEqual({ code: 0, signal: null });
      expect(pids.filter(isAlive)).toEqual([]);
      expect(running.output().match(/Shutting down/g)).toHaveLength(2);
    });

    it('that reach everybody, as those of a terminal do, end them as well', async () => {
      await start();
      const ended = running.end('SIGINT');
      for (const pid of workers()) process.kill(pid, 'SIGINT');
      running.child.kill('SIGINT');
      expect(await ended).toEqual({ code: 0, signal: null });
      expect(running.output().match(/Shutting down/g)).toHaveLength(2);
    });

    it('SIGUSR2 puts new workers in place of the old ones, and no request fails', async () => {
      await start();
      const old = workers();
      const isReplaced = () => workers().length === 4 && !old.some(isAlive);
      const seen = await underLoad(['/v1/me', '/health/ready'], async () => {
        running.child.kill('SIGUSR2');
        await until(isReplaced);
      });
      expect(seen.filter((answer) => answer !== 200)).toEqual([]);
      expect(seen.length).toBeGreaterThan(100);
      expect(await attack(6)).toBe(0);
      expect(await running.end('SIGTERM')).toEqual({ code: 0, signal: null });
    });
  });

  describe('for all workers together', () => {
    it('wrong passwords are counted', async () => {
      await start({ ADMIN_PASSWORD: 'correct horse battery staple' });
      const guess = (user: string) => call('POST', '/v1/session', { json: { user, password: 'wrong horse battery' } });
      const answers: number[] = [];
      for (let i = 0; i < 14; i++) answers.push((await guess('Administrator')).status);
      expect(answers).toEqual([...Array(6).fill(401), ...Array(8).fill(429)]);
      const many = await Promise.all(Array.from({ length: 60 }, () => guess('other@example.com')));
      expect(many.filter((answer) => answer.status === 401).length).toBeLessThanOrEqual(6);
    });

    it('bad credentials are counted, save one for each', async () => {
      await start({ BAD_CREDENTIALS_PER_MINUTE: '20' });
      const answers: (number | string)[] = [];
      for (let i = 0; i < 40; i++) answers.push(await status('/v1/me', `token lk_nobody${i}:lks_nobody`));
      const refused = answers.filter((answer) => answer === 401).length;
      expect(refused).toBeGreaterThanOrEqual(20);
      expect(refused).toBeLessThanOrEqual(21);
      expect(answers.slice(-10)).toEqual(Array(10).fill(429));
      expect(await status('/v1/me', auth)).toBe(200); // known to no memory yet, and right
    });

    it('metrics are added up, and do not go down when a worker ends', async () => {
      await start({ METRICS_PORT: '0' });
      const url = /"metrics":"([^"]+)"/.exec(running.output())![1]!.replace('/metrics', '');
      const read = async (name: string) => {
        const { text } = await client(url)('GET', '/metrics');
        return text.split('\n').flatMap((line) => (line.startsWith(name) ? [Number(line.split(' ').at(-1))] : []));
      };
      const answered = () => read('latchkey_http_requests_total{method="GET",route="/v1/me",status="200"}');
      await statuses(10, auth);
      expect(await answered()).toEqual([10]);
      expect(await read('latchkey_http_request_duration_seconds_count{method="GET",route="/v1/me"}')).toEqual([10]);
      expect(await read('latchkey_build_info')).toEqual([1]);
      for (const [i, pid] of workers().entries()) {
        process.kill(pid, 'SIGKILL');
        await until(() => workers().length === 3 + i);
        expect(await answered()).toEqual([10]);
      }
      await statuses(5, auth);
      expect(await answered()).toEqual([15]);
      expect((await client(url)('GET', '/')).status).toBe(404);
    });
  });

  describe('the number of workers', () => {
    it('is said by WORKERS or --workers, and a wrong one is named', async () => {
      const env = { DATABASE_URL: database.url };
      await expect(startProcess({ ...env, WORKERS: 'many' })).rejects.toThrow(/exit 1: [^]*WORKERS: must be auto, or/);
      const { code, stderr } = await command(['start', '--workers', '0'], env);
      expect([code, stderr]).toEqual([2, expect.stringContaining('--workers <count>')]);
    });

    it('changes nothing in what a start that fails says', async () => {
      const DATABASE_URL = 'mysql://nobody@127.0.0.1:1/nothing';
      const said = async (WORKERS: string) => {
        const failed = await startProcess({ DATABASE_URL, WORKERS }).catch(({ message }: Error) => message);
        return [/^exit \d/.exec(failed as string)![0], /latchkey: .*/.exec(failed as string)![0]];
      };
      expect(await said('2')).toEqual(await said('1'));
    });
  });
}

/** A connection on which requests are sent without waiting for the answers before. */
class Connection {
  readonly answers: number[] = [];
  private readonly waiting: ((status: number) => void)[] = [];

  static async open(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new Connection(socket);
  }

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk) => {
      for (const [, text] of String(chunk).matchAll(/HTTP\/1\.1 (\d+)/g)) {
        this.answers.push(Number(text));
        this.waiting.shift()?.(Number(text));
      }
    });
  }

  ask(token: string, method = 'GET', path = '/v1/me'): Promise<number> {
    this.socket.write(`${method} ${path} HTTP/1.1\r\nHost: latchkey\r\nAuthorization: ${token}\r\n\r\n`);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  close(): void {
    this.socket.destroy();
  }
}
