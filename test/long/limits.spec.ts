import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { ENGINE, freshDatabase, type TestDatabase } from '../support/app.js';
import { Random } from '../support/attack.js';
import { drawLimits, type Limit, LIMIT_FAULTS, LimitRounds, OF_PROCESSES } from '../support/limit-rounds.js';
import { type Node, Nodes } from '../support/nodes.js';
import { ObedientClient } from '../support/obedient-client.js';

/** What docs/limits.md promises, by nodes that are killed, frozen and cut off. 30 rounds for a release. */
const ROUNDS = Number(process.env.LIMITS_ROUNDS ?? 30);
const SEED = Number(process.env.LIMITS_SEED ?? Date.now() % 1_000_000);
/** Rounds in which what is not atomic has to be found. */
const TRIES = 10;
/** Small and large ones, and two together. */
const OBEYED: Limit[][] = [
  [{ requests: 3, seconds: 1 }],
  [{ requests: 25, seconds: 2 }],
  [{ requests: 1000, seconds: 2 }],
  [
    { requests: 40, seconds: 1 },
    { requests: 150, seconds: 5 },
  ],
];
const OBEYED_MS = 6000;
const FAULTS_HERE = ENGINE === 'sqlite' ? OF_PROCESSES : Object.keys(LIMIT_FAULTS);

const random = new Random(SEED);
let database: TestDatabase;
let nodes: Nodes;

const start = (sabotage?: string) =>
  Nodes.start([database.url, database.url, database.url], { workers: [1, 2, 1], sabotage });

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.remove());
afterEach(() => nodes.end(), 30_000);

it(
  `${ROUNDS} rounds: no window lets in more than its limit, over all nodes, and a limit shuts out nobody for longer`,
  async () => {
    process.stdout.write(`${ENGINE}: LIMITS_ROUNDS=${ROUNDS} LIMITS_SEED=${SEED}\n`);
    nodes = await start();
    const rounds = await LimitRounds.of(nodes, random);
    let deck: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      if (deck.length === 0) deck = random.shuffled(FAULTS_HERE);
      const name = deck.pop()!;
      await rounds.round(name, LIMIT_FAULTS[name]!, drawLimits(random));
      if (round % 5 === 0) await rounds.round('none', LIMIT_FAULTS.none!, drawLimits(random, 1), true);
    }
    process.stdout.write(`${ENGINE}: ${rounds.seen}\n`);
    expect(rounds.wrong).toEqual([]);
  },
  (ROUNDS * 30 + 60) * 1000,
);

it('finds shares that are not atomic', async () => {
  nodes = await start('shares-not-atomic');
  const rounds = await LimitRounds.of(nodes, random);
  let tries = 0;
  for (; tries < TRIES && rounds.wrong.length === 0; tries++) {
    await rounds.round('none', LIMIT_FAULTS.none!, [{ requests: random.pick([5, 30, 100]), seconds: 1 }]);
  }
  process.stdout.write(`${ENGINE}: found in round ${tries}: ${rounds.wrong[0]}\n`);
  expect(rounds.wrong).not.toEqual([]);
}, 180_000);

it.each([
  ['one at a time', 1],
  ['20 at once', 20],
])(
  'who obeys the headers is never refused: %s, on one node and on three',
  async (_, atOnce) => {
    nodes = await start();
    const rounds = await LimitRounds.of(nodes, random);
    const obey = async (limits: Limit[], asked: readonly Node[]) => {
      const urls = asked.map(({ url }) => url);
      const client = new ObedientClient(urls, await rounds.secret(limits), random);
      await client.run(atOnce, OBEYED_MS);
      return { limits, nodes: asked.length, statuses: client.statuses };
    };
    const clients = OBEYED.flatMap((limits) => [obey(limits, nodes.all.slice(0, 1)), obey(limits, nodes.all)]);
    const seen = await Promise.all(clients);
    process.stdout.write(`${ENGINE}, ${atOnce} at once:\n${seen.map((one) => JSON.stringify(one)).join('\n')}\n`);
    for (const { limits, nodes: count, statuses } of seen) {
      expect([limits, count, Object.keys(statuses)]).toEqual([limits, count, ['200']]);
      expect(statuses[200]).toBeGreaterThanOrEqual(Math.min(50, limits[0]!.requests));
    }
  },
  60_000,
);
