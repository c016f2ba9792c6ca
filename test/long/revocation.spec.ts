import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { ENGINE, freshDatabase, type TestDatabase } from '../support/app.js';
import { Attack, eventually, type Fault, FAULTS, memberFaults, PROXIED, Random } from '../support/attack.js';
import { Hammer } from '../support/hammer.js';
import { NewSecrets } from '../support/new-secrets.js';
import { Nodes } from '../support/nodes.js';
import { message } from '../support/wire.js';

const ROUNDS = Number(process.env.ATTACK_ROUNDS ?? (ENGINE === 'mysql' ? 20 : 10));
const SEED = Number(process.env.ATTACK_SEED ?? Date.now() % 1_000_000);
const NODES = 3;
/** One that revokes, and one that should hear of it. */
const NODES_SABOTAGED = 2;
/** Rounds in which a saboteur has to be found. */
const TRIES = 20;
const NEW_SECRETS = Number(process.env.NEW_SECRETS ?? 200);
const OUTAGE_MS = Number(process.env.ATTACK_OUTAGE_MS ?? 10_000);
const KEYS = 200;

const random = new Random(SEED);
/** The members of a cluster, a node for each, in place of one server for all: `mysql://…,mysql://…`, no database named. */
const MEMBERS = process.env.TEST_ATTACK_URLS?.split(',');
const faults = MEMBERS ? { ...FAULTS, ...memberFaults(process.env) } : FAULTS;
/** A process over SQLite has no connection to cut, and one to a member of a cluster has no proxy. */
const FAULTS_HERE = Object.keys(faults).filter((name) => (ENGINE !== 'sqlite' && !MEMBERS) || !PROXIED.includes(name));

let database: TestDatabase;
let nodes: Nodes | undefined;

beforeAll(async () => {
  database = await freshDatabase(MEMBERS?.[0]);
});
afterEach(async () => {
  await nodes?.end();
  nodes = undefined;
}, 30_000);
afterAll(async () => {
  if (!MEMBERS) await database.remove(); // a cluster that was broken may refuse, and is thrown away
});

const start = (sabotage?: string) =>
  Nodes.start(
    MEMBERS
      ? MEMBERS.map((url) => url + new URL(database.url).pathname)
      : Array.from({ length: sabotage === undefined ? NODES : NODES_SABOTAGED }, () => database.url),
    { direct: MEMBERS !== undefined, sabotage },
  );
/** Without sabotage, for several tests. */
let shared: Nodes | undefined;
const sharedNodes = async () => (shared ??= await start());

it(
  `${ROUNDS} rounds: what a call has revoked is accepted on no node that is asked more than a second after its answer`,
  async () => {
    const attacked = await sharedNodes();
    const attack = new Attack(attacked, random);
    process.stdout.write(`${ENGINE}: ATTACK_ROUNDS=${ROUNDS} ATTACK_SEED=${SEED}\n`);
    let deck = ['none']; // first, or a few rounds may have none whose median could be judged
    for (let round = 0; round < ROUNDS; round++) {
      // Each in its turn, in an order that is drawn; most often none, since its median is looked at.
      if (deck.length === 0) deck = random.shuffled([...FAULTS_HERE, 'none']);
      const name = deck.pop()!;
      await attack.round(name, faults[name]!);
    }
    process.stdout.write(`${attack.histogram()}\n`);
    // Or there was nothing to attack.
    for (const { running } of attacked.all) expect(running.output()).not.toContain('nothing is cached');
    expect(attack.violations).toEqual([]);
    expect(attack.median('none')).toBeLessThanOrEqual(250);
  },
  (ROUNDS * (MEMBERS ? 60 : 10) + 60) * 1000,
);

describe('a new secret works at once on every node', () => {
  afterAll(async () => {
    await shared?.end();
    shared = undefined;
  }, 30_000);

  it(`${NEW_SECRETS} times, while the old one is tried`, async () => {
    const secrets = await NewSecrets.of(await sharedNodes(), random);
    await secrets.replace(NEW_SECRETS);
    expect(secrets.statuses).toEqual({ 200: NEW_SECRETS * NODES });
  }, 300_000);

  it('or, while a node has a fault, at least is not refused', async () => {
    const secrets = await NewSecrets.of(await sharedNodes(), random);
    for (const name of FAULTS_HERE) {
      if (name !== 'none' && name !== 'killed after answer') await secrets.replaceDuring(faults[name]!);
    }
    process.stdout.write(`${ENGINE}: new secrets under faults: ${JSON.stringify(secrets.statuses)}\n`);
    expect(Object.keys(secrets.statuses).filter((status) => !['200', '503'].includes(status))).toEqual([]);
    expect(secrets.statuses[200]).toBeGreaterThan(0);
  }, 180_000);
});

if (ENGINE !== 'sqlite' && !MEMBERS)
  describe(`after the database was away for ${OUTAGE_MS / 1000} s`, () => {
    it.each(['black hole', 'refused'])(
      '(%s) one poll makes all keys warm again, not a read for each',
      async (way) => {
        nodes = await Nodes.start([database.url]);
        const [{ url, proxy }] = nodes.all as [Nodes['all'][number]];
        const requests: string[] = [];
        for (let i = 0; i < KEYS; i++) {
          const user = `kept.${i}.${crypto.randomUUID()}@example.com`;
          await nodes.ask('POST', '/v1/users', { email: user, fullName: 'Kept' });
          const key = JSON.parse((await nodes.ask('POST', '/v1/api-keys', { user })).body);
          requests.push(message('GET', '/v1/me', { authorization: `token ${key.apiKey}:${key.apiSecret}` }));
        }
        const reads = await readCounter();
        let i = 0;
        const hammer = new Hammer(url, () => requests[i++ % KEYS]!, 5);
        const running = hammer.run();
        const allAccepted = () => {
          const from = hammer.accepted.length;
          return eventually(() => hammer.accepted.length >= from + 2 * KEYS, 'all are let in');
        };
        await allAccepted();
        const cold = await reads.count();
        await allAccepted();
        const warm = await reads.count();
        await (way === 'refused' ? proxy!.refuse() : proxy!.blackHole());
        await delay(OUTAGE_MS);
        const back = performance.now();
        await proxy!.heal('lost');
        await eventually(() => hammer.accepted.some((sent) => sent > back), 'somebody is let in');
        const recovery = performance.now() - back;
        await allAccepted();
        const after = await reads.count();
        await hammer.stop();
        await running;
        await reads.close();
        process.stdout.write(
          `${ENGINE}, ${way}: ${after - warm} reads for ${KEYS} keys, let in again after ${Math.round(recovery)} ms\n`,
        );
        expect(cold).toBeGreaterThanOrEqual(KEYS);
        expect(warm - cold).toBe(0);
        expect(hammer.answers.get(503)).toBeGreaterThan(0);
        expect(after - warm).toBeLessThan(KEYS / 20);
      },
      120_000,
    );
  });

/** Counts prepared statements that the database runs, which are what reads of keys are. */
async function readCounter(): Promise<{ count(): Promise<number>; close(): Promise<void> }> {
  const { hostname: host, port, username, password } = new URL(database.url);
  const dataSource = new DataSource({ type: 'mysql', host, port: Number(port), username, password });
  await dataSource.initialize();
  const count = async () => {
    const [row] = await dataSource.query("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'");
    return Number(row.Value);
  };
  const before = await count();
  return { count: async () => (await count()) - before, close: () => dataSource.destroy() };
}

if (ENGINE === 'mysql' && !MEMBERS)
  describe('the attack finds', () => {
    // Slow as well: where the database answers at once, a node that wakes may hear of it before it reads the requests.
    const frozen: Fault = async ({ target, until }) => {
      await until(-50);
      target.running.child.kill('SIGSTOP');
      target.proxy!.slowDown(200);
      await until(1800);
      target.running.child.kill('SIGCONT');
      await until(2500);
      await target.proxy!.heal();
    };
    const cutOff: Fault = async ({ target, until }) => {
      await until(-50);
      target.proxy!.blackHole();
      await until(1800);
      await target.proxy!.heal();
    };
    it.each<[string, string, Fault]>([
      ['no-lease', 'a node that is cut off goes on with what it has cached', cutOff],
      ['stale-polls', 'nodes read invalidations of some seconds ago', FAULTS.none!],
      ['timers-clock', 'a node goes on with the time at which it was frozen', frozen],
      ['own-changes-forgotten', 'a node answers before it has forgotten', FAULTS.none!],
    ])(
      '%s: %s',
      async (sabotage, name, fault) => {
        nodes = await start(sabotage);
        const attack = new Attack(nodes, random);
        let rounds = 0;
        for (; rounds < TRIES && attack.violations.length === 0; rounds++)
          await attack.round(name, fault, { elsewhere: true });
        process.stdout.write(`${sabotage}: found in round ${rounds}: ${JSON.stringify(attack.violations)}\n`);
        expect(attack.violations).not.toEqual([]);
      },
      180_000,
    );
  });
