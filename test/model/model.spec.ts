import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

// The models of how a revocation reaches every node, and of how a change ends with the power for it (POWERS), searched to
// the end: what is built must hold in every world, and each mutant, which leaves out one rule, must fail. revocation.pml and
// powers.pml say what the words in capitals mean.
const HOLDS = [
  ['another node', 'ONLY=1'],
  ['the node that answers', 'ONLY=0'],
  ['both nodes', 'SMALL L=2 OTHERS=0'],
  ['another node, called again', 'ONLY=1 AGAIN'],
  ['the node that answers, called again', 'ONLY=0 AGAIN'],
  ['another node, history lost', 'ONLY=1 REWIND'],
  ['the node that answers, history lost', 'ONLY=0 REWIND'],
  ['another node, history lost and overtaken', 'ONLY=1 REWIND LOST OTHERS=3'],
  ['another node, invalidations purged', 'ONLY=1 PURGE'],
  ['the node that answers, invalidations purged', 'ONLY=0 PURGE'],
  ['a node that is suspended', 'ONLY=1 SUSPEND'],
  ['a node whose wall clock is set', 'ONLY=1 WALLJUMP'],
  ['a new secret on another node', 'ONLY=1 RENEW'],
  ['a new secret on the node that answers', 'ONLY=0 RENEW'],
  ['a sibling worker', 'ONLY=1 WORKERS'],
  ['a sibling worker, wall clock set', 'ONLY=1 WORKERS WALLJUMP OTHERS=0'],
  ['both workers', 'WORKERS SMALL L=2 OTHERS=0'],
  ['changes by a power that is taken', 'POWERS'],
  ['changes by a power that is taken, on two servers', 'POWERS CERTIFIED'],
  ['a password that is reset', 'POWERS PASSWORDS'],
  ['a password that is reset, on two servers', 'POWERS PASSWORDS CERTIFIED'],
];
const FAILS = [
  ['numbers are not in the order of commits', 'ONLY=1 M_AUTOINC'],
  ['a poll reads invalidations and counter in two statements', 'ONLY=1 M_POLL_IN_TWO'],
  ['a read takes key and counter in two statements', 'ONLY=1 M_READ_IN_TWO'],
  ['polls go to a stale server', 'ONLY=1 M_STALE_POLL'],
  ['reads go to a stale server', 'ONLY=1 M_STALE_READ'],
  ['the lease counts from the answer of the poll', 'ONLY=1 M_LEASE_FROM_ANSWER'],
  ['the lease is set before the invalidations are applied', 'ONLY=1 M_LEASE_BEFORE_INVALIDATIONS'],
  ['a poll drops nothing', 'ONLY=1 M_POLL_DROPS_NOTHING'],
  ['a poll adds nothing to the recent invalidations', 'ONLY=1 M_POLL_NOT_IN_RECENT'],
  ['clearing leaves the low end of the recent invalidations', 'ONLY=1 M_CLEARED_WITHOUT_LOW'],
  ['a read of any age is used', 'ONLY=1 M_READ_OF_ANY_AGE'],
  ['the low end of the recent invalidations is not checked', 'ONLY=1 M_LOW_NOT_CHECKED'],
  ['the recent invalidations are not checked', 'ONLY=1 M_RECENT_NOT_CHECKED'],
  ['a read is stored unchecked', 'ONLY=1 M_STORED_UNCHECKED'],
  ['a read is used unchecked', 'ONLY=0 M_USED_UNCHECKED'],
  ['the own change drops nothing', 'ONLY=0 M_OWN_NOT_DROPPED'],
  ['the own invalidation is not added to the recent ones', 'ONLY=0 M_OWN_NOT_IN_RECENT'],
  ['clearing forgets the own invalidation', 'ONLY=0 M_CLEARING_FORGETS_OWN'],
  ['the own change drops before COMMIT', 'ONLY=0 M_DROPPED_BEFORE_COMMIT'],
  ['the answer is sent before the entry is dropped', 'ONLY=0 M_ANSWERED_BEFORE_DROPPED'],
  ['a call that finds the key dead writes no invalidation', 'ONLY=0 AGAIN M_NOTHING_TO_DO'],
  ['invalidations have no tags', 'ONLY=1 REWIND M_NO_TAG'],
  ['the newest revision read is not checked', 'ONLY=1 REWIND M_NO_SEEN'],
  ['a poll is used after its time-out', 'ONLY=1 REWIND P=3'],
  ['a read is stored without a lease', 'ONLY=1 REWIND LOST OTHERS=3 M_STORED_WITHOUT_LEASE'],
  ['a purge past the node is not noticed', 'ONLY=1 PURGE M_NO_HORIZON'],
  ['a timer sets the clock', 'ONLY=1 M_TIMER_CLOCK'],
  ['only the monotonic clock is read', 'ONLY=1 SUSPEND M_MONOTONIC_ONLY'],
  ['only the wall clock is read', 'ONLY=1 WALLJUMP M_WALL_ONLY'],
  ['a poll that was under way refuses the new secret', 'ONLY=1 RENEW M_ANY_POLL_REFUSES'],
  ['the invalidation of a new secret drops no entry', 'ONLY=1 RENEW M_POLL_DROPS_NOTHING'],
  ['an entry is stored though a newer invalidation is known', 'ONLY=1 RENEW M_RECENT_NOT_CHECKED'],
  ['an entry just read refuses the new secret', 'ONLY=1 RENEW M_FRESH_ENTRY_REFUSES'],
  ['a read that was under way refuses the new secret', 'ONLY=1 RENEW M_JOINED_READ_REFUSES'],
  ['a read that failed refuses the new secret', 'ONLY=1 RENEW M_FAILED_READ_REFUSES'],
  ['an entry without a lease refuses the new secret', 'ONLY=1 RENEW M_UNTRUSTED_ENTRY_REFUSES'],
  ['a sibling does not add the invalidation to its recent ones', 'ONLY=1 WORKERS M_SIBLING_NOT_IN_RECENT'],
  ["a sibling's clearing forgets the invalidation", 'ONLY=1 WORKERS M_SIBLING_FORGETS_CLEARING'],
  ['a sibling confirms before it drops', 'ONLY=1 WORKERS M_CONFIRMED_BEFORE_DROPPED'],
  ['a sibling is told before COMMIT', 'ONLY=1 WORKERS M_TOLD_BEFORE_COMMIT'],
  ['a sibling that has not confirmed is not waited for', 'ONLY=1 WORKERS M_NOT_WAITED'],
  ['the wait counts from before COMMIT', 'ONLY=1 WORKERS M_WAIT_FROM_BEFORE_COMMIT'],
  ['a read outlives the wait', 'ONLY=1 WORKERS M_READ_OF_ANY_AGE'],
  ['siblings are listed before COMMIT', 'ONLY=1 WORKERS M_LISTED_BEFORE_COMMIT'],
  ['a change is judged only when it comes', 'POWERS M_JUDGED_WHEN_IT_CAME'],
  ['a change is judged before it has the lock', 'POWERS M_JUDGED_BEFORE_THE_LOCK'],
  ['a change is judged without a lock', 'POWERS M_NO_LOCK'],
  ['a change writes nothing that would conflict', 'POWERS CERTIFIED M_NO_INVALIDATION'],
  ['a password is written whatever is stored', 'POWERS PASSWORDS M_WHATEVER_IS_STORED'],
  ['a password is written whatever is stored, on two servers', 'POWERS PASSWORDS CERTIFIED M_WHATEVER_IS_STORED'],
  ['the wait ends by either clock', 'ONLY=1 WORKERS WALLJUMP OTHERS=0 M_WAIT_BY_EITHER_CLOCK'],
];

const modelOf = (flags: string) =>
  join(import.meta.dirname, flags.startsWith('POWERS') ? 'powers.pml' : 'revocation.pml');
/** All that is asked for by an #if. */
const wordsOf = (model: string) =>
  new Set([
    'POWERS',
    ...readFileSync(model, 'utf8')
      .match(/^#.*/gm)!
      .flatMap((line) => line.match(/\w+/g)!),
  ]);
const LIMIT_MS = 170_000;
const run = promisify(execFile);
const there = (command: string, option: string) => spawnSync(command, [option], { stdio: 'ignore' }).status === 0;
const hasSpin = there('spin', '-V') && there('gcc', '--version');

interface Outcome {
  /** `holds`, `violated`, or what the search said when it did not come to its end. */
  readonly verdict: string;
  readonly states: number;
  readonly seconds: number;
}

async function search(flags: string, cwd: string, optimise: string): Promise<Outcome> {
  // A misspelt flag would change nothing, and hold.
  const model = modelOf(flags);
  const words = wordsOf(model);
  const unknown = flags.split(' ').find((flag) => !words.has(flag.replace(/=.*/, '')));
  if (unknown) throw new Error(`${model} knows no ${unknown}`);
  const options = { cwd, timeout: LIMIT_MS, killSignal: 'SIGKILL' } as const;
  await run('spin', ['-a', ...flags.split(' ').map((flag) => `-D${flag}`), model], options);
  await run('gcc', [optimise, '-w', '-DSAFETY', '-DMEMLIM=4000', '-DVECTORSZ=512', '-o', 'pan', 'pan.c'], options);
  const from = Date.now();
  const { stdout } = await run('./pan', ['-E', '-w22', '-m100000'], options);
  const cutShort = /search not completed|max search depth too small|out of memory/i.test(stdout);
  const complete = /^State-vector .*errors: 0$/m.test(stdout) && !cutShort;
  const violated = stdout.includes('assertion violated');
  return {
    verdict: violated ? 'violated' : complete ? 'holds' : stdout,
    states: Number(/(\S+) states, stored/.exec(stdout)?.[1]),
    seconds: (Date.now() - from) / 1000,
  };
}

(hasSpin ? describe : describe.skip)('the model of revocation', () => {
  const outcomes = new Map<string, Outcome>();

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-model-'));
    const queue = [...HOLDS, ...FAILS].map(([, flags], i) => ({ flags: flags!, i }));
    const worker = async () => {
      for (let check = queue.shift(); check; check = queue.shift()) {
        const cwd = join(folder, String(check.i));
        await mkdir(cwd);
        // A mutant is caught sooner than the optimiser is done.
        const optimise = check.i < HOLDS.length ? '-O1' : '-O0';
        const failed = (error: unknown) => ({ verdict: String(error), states: NaN, seconds: NaN });
        outcomes.set(check.flags, await search(check.flags, cwd, optimise).catch(failed));
        await rm(cwd, { recursive: true });
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, worker));
    await rm(folder, { recursive: true });
    const lines = [...HOLDS, ...FAILS].map(([, flags]) => {
      const { verdict, states, seconds } = outcomes.get(flags!)!;
      return `${String(states).padStart(9)} states ${seconds.toFixed(1).padStart(5)} s  ${verdict.slice(0, 8)}  ${flags}\n`;
    });
    process.stdout.write(lines.join(''));
  }, 600_000);

  it.each(HOLDS)('holds for %s (%s)', (_, flags) => {
    expect(outcomes.get(flags!)!.verdict).toBe('holds');
  });

  it.each(FAILS)('fails when %s (%s)', (_, flags) => {
    expect(outcomes.get(flags!)!.verdict).toBe('violated');
  });
});
