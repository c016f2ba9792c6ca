import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { ENGINE, freshDatabase, type TestDatabase } from '../support/app.js';
import { Asking } from '../support/asking.js';
import type { Node } from '../support/nodes.js';
import { Nodes } from '../support/nodes.js';
import { latchkey } from '../support/process.js';
import { message } from '../support/wire.js';

/** How often secrets were used, as it is counted by nodes that are killed and lose answers. Ten minutes for a release. */
const SECONDS = Number(process.env.USAGE_SECONDS ?? 600);
const IS_SHORT = SECONDS < 120;
/** What a node holds in memory; a short run has nodes that write each second. */
const INTERVAL_MS = IS_SHORT ? 1000 : 30_000;
/** How long a write may take beside a load. */
const WRITE_MS = IS_SHORT ? 1500 : 3000;
const FAULT_MS = IS_SHORT ? 1500 : 10_000;

let database: TestDatabase;
let nodes: Nodes;
beforeAll(async () => {
  database = await freshDatabase();
  const urls = [database.url, database.url, database.url];
  nodes = await Nodes.start(urls, { sabotage: IS_SHORT ? 'uses-each-second' : '' });
}, 60_000);
afterAll(async () => {
  await nodes.end();
  await database.remove();
}, 30_000);

/** A user whose secret is used on one node alone. */
interface Used {
  readonly user: string;
  readonly asking: Asking;
}

async function use(node: Node, limits: object[] | null): Promise<Used> {
  const user = `used.${crypto.randomUUID()}@example.com`;
  await nodes.ask('POST', '/v1/users', { email: user, fullName: 'A User' });
  const made = JSON.parse((await nodes.ask('POST', '/v1/api-keys', { user, limits })).body);
  const text = message('GET', '/v1/me', { authorization: `token ${made.apiKey}:${made.apiSecret}` });
  return { user, asking: new Asking(node.url, text).start(2, 4) };
}

async function countsOf({ user }: Used): Promise<{ accepted: number; limited: number }> {
  const { stdout } = await latchkey(['usage', user, '--json'], { DATABASE_URL: database.url });
  const counts = JSON.parse(stdout) as { accepted: number; limited: number }[];
  return counts.reduce((a, b) => ({ accepted: a.accepted + b.accepted, limited: a.limited + b.limited }));
}

it(
  `${SECONDS} s: nothing is counted that was not, nothing twice, and a killed node loses its last ${INTERVAL_MS / 1000} s at most`,
  async () => {
    const [killed, cutOff, calm] = nodes.all as [Node, Node, Node];
    const limits = [{ requests: 50, seconds: 1 }];
    const of = async (node: Node) => ({ free: await use(node, null), limited: await use(node, limits) });
    const used = { killed: await of(killed), cutOff: await of(cutOff), calm: await of(calm) };
    const end = Date.now() + 1000 * SECONDS;
    const kills: number[] = [];
    const killing = async () => {
      while (Date.now() + 2 * INTERVAL_MS < end) {
        await delay(INTERVAL_MS * (1 + 1.5 * Math.random()));
        kills.push(Date.now());
        await killed.running.end('SIGKILL');
        await nodes.restart(killed);
      }
    };
    let faults = 0;
    const cutting = async () => {
      const { proxy } = cutOff;
      if (!proxy) return;
      while (Date.now() + 2 * FAULT_MS < end) {
        await delay(INTERVAL_MS * Math.random());
        proxy.blackHole(faults++ % 2 ? 'both' : 'down');
        await delay(FAULT_MS);
        await proxy.heal(faults % 3 ? 'lost' : 'delivered');
      }
    };
    await Promise.all([killing(), cutting(), delay(1000 * SECONDS)]);
    const all = Object.values(used).flatMap(({ free, limited }) => [free, limited]);
    await Promise.all(all.map(({ asking }) => asking.stop()));
    for (const { running } of nodes.all) await running.end('SIGTERM'); // which writes the rest

    /** Those that a kill may have taken. */
    const isLost = (answered: number) => kills.some((at) => answered <= at && answered > at - INTERVAL_MS - WRITE_MS);
    process.stdout.write(`${ENGINE}: ${kills.length} kills, ${faults} faults\n`);
    for (const [name, { free, limited }] of Object.entries(used)) {
      for (const [kind, one] of Object.entries({ free, limited })) {
        const { answers, unanswered } = one.asking;
        const counts = await countsOf(one);
        const ofStatus = (status: number) => answers.filter((answer) => answer.status === status);
        const seen = { ...counts, 200: ofStatus(200).length, 429: ofStatus(429).length, unanswered };
        process.stdout.write(`${name}, ${kind}: ${JSON.stringify(seen)}\n`);
        for (const [count, those] of [
          [counts.accepted, ofStatus(200)],
          [counts.limited, ofStatus(429)],
        ] as const) {
          const kept = name === 'killed' ? those.filter(({ answered }) => !isLost(answered)) : those;
          expect([name, kind, count <= those.length + unanswered]).toEqual([name, kind, true]);
          expect([name, kind, count >= kept.length]).toEqual([name, kind, true]);
        }
      }
    }
    expect(kills.length).toBeGreaterThan(SECONDS / 120);
    if (ENGINE !== 'sqlite') expect(faults).toBeGreaterThan(SECONDS / 120);
  },
  (SECONDS + 120) * 1000,
);
