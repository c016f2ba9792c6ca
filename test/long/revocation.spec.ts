import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ENGINE, freshDatabase, type TestDatabase } from '../support/app.js';
import { Attack, type Fault, FAULTS, Random } from '../support/attack.js';
import { Nodes } from '../support/nodes.js';

const ROUNDS = Number(process.env.ATTACK_ROUNDS ?? 20);
const SEED = Number(process.env.ATTACK_SEED ?? Date.now() % 1_000_000);
const NODES = 3;
/** Rounds in which a saboteur has to be found. */
const TRIES = 8;

const random = new Random(SEED);
/** A process over SQLite has no connection to cut. */
const FAULTS_HERE = ENGINE === 'sqlite' ? ['none', 'frozen', 'killed after answer'] : Object.keys(FAULTS);

let database: TestDatabase;
let nodes: Nodes | undefined;

beforeAll(async () => {
  database = await freshDatabase();
});
afterEach(async () => {
  await nodes?.end();
  nodes = undefined;
}, 30_000);
afterAll(() => database.remove());

const urls = () => Array.from({ length: NODES }, () => database.url);

it(
  `${ROUNDS} rounds: what a call has revoked is accepted on no node that is asked more than a second after its answer`,
  async () => {
    nodes = await Nodes.start(urls());
    const attack = new Attack(nodes, random);
    process.stdout.write(`${ENGINE}: ATTACK_ROUNDS=${ROUNDS} ATTACK_SEED=${SEED}\n`);
    let deck: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      // Each in its turn, in an order that is drawn; most often none, since its median is looked at.
      if (deck.length === 0) deck = random.shuffled([...FAULTS_HERE, 'none']);
      const name = deck.pop()!;
      await attack.round(name, FAULTS[name]!);
    }
    process.stdout.write(`${attack.histogram()}\n`);
    expect(attack.violations).toEqual([]);
    expect(attack.median('none')).toBeLessThanOrEqual(250);
  },
  (ROUNDS * 10 + 60) * 1000,
);

if (ENGINE !== 'sqlite')
  describe('the attack finds', () => {
    const frozen: Fault = async ({ target, until }) => {
      await until(-50);
      target.running.child.kill('SIGSTOP');
      await until(1800);
      target.running.child.kill('SIGCONT');
    };
    const cutOff: Fault = async ({ target, until }) => {
      await until(-50);
      target.proxy!.blackHole();
      await until(1800);
      await target.proxy!.heal();
    };
    it.each<[string, string, Fault]>([
      ['no-lease', 'a node that is cut off goes on with what it remembers', cutOff],
      ['stale-polls', 'nodes read marks of some seconds ago', FAULTS.none!],
      ['timers-clock', 'a node goes on with the time at which it was frozen', frozen],
      ['own-changes-forgotten', 'a node answers before it has forgotten', FAULTS.none!],
    ])('%s: %s', async (sabotage, name, fault) => {
      nodes = await Nodes.start(urls(), { sabotage });
      const attack = new Attack(nodes, random);
      let rounds = 0;
      for (; rounds < TRIES && attack.violations.length === 0; rounds++)
        await attack.round(name, fault, { elsewhere: true });
      process.stdout.write(`${sabotage}: found in round ${rounds}: ${JSON.stringify(attack.violations)}\n`);
      expect(attack.violations).not.toEqual([]);
    });
  });
