import { describe, expect, it } from '@jest/globals';
import { storedForm } from '../../src/api-keys/api-secret.js';
import { sqlite } from '../../src/database/engines/sqlite.js';
import type { Database } from '../../src/database/database.js';
import { type Change, EVERYBODY } from '../../src/database/invalidations.js';
import { Lease, LEASE_MS, READ_MS } from '../../src/revocation/lease.js';
import { ApiKeyVerifier } from '../../src/verification/api-key.verifier.js';
import type { LastUse } from '../../src/verification/last-use.js';
import type { VerifierOptions } from '../../src/verification/verifier-options.js';

/** A question to the database, held until the test answers it. */
interface Held {
  answer(): void;
  fail(): void;
}

const WITHOUT_LIMITS = { secretName: 'default', expiresAt: null, scopes: null, allowedNetworks: null };

/**
 * A node over a database that answers when the test says so, by clocks that the test sets. The database has one key, `k`
 * of user `u`, and its answers are true as of the moment of the question's arrival, which is when it is asked here.
 */
class World {
  n = 0;
  secret: string | undefined = 'old';
  /** Whether `k` is a key at all, while it has no secret. */
  hasKey = false;
  invalidations = [{ n: 0, tag: 1000, userId: EVERYBODY }];
  tag = 1000;
  monotonic = 10_000;
  wall = 1_000_000;
  readonly polls: Held[] = [];
  readonly reads: Held[] = [];
  private readonly listeners: ((change: Change) => void | Promise<void>)[] = [];
  readonly lease: Lease;
  readonly verifier: ApiKeyVerifier;

  constructor(options: VerifierOptions = {}) {
    const connection = {
      open: async () => false,
      query: (sql: string) => this.held(this.polls, this.poll(Number(/\bn >= (\d+)/.exec(sql)![1]))),
      close: () => undefined,
    };
    const database = {
      engine: sqlite,
      ownConnection: () => connection,
      onChange: (listener: (change: Change) => void) => this.listeners.push(listener),
      select: () => this.held(this.reads, this.read()),
      forUnknownCaller: (ask: () => unknown) => ask(),
    } as unknown as Database;
    const clock = { now: () => ({ monotonic: this.monotonic, wall: this.wall }) };
    this.lease = new Lease(database, clock);
    this.lease.onApplicationShutdown = () => undefined;
    Object.assign(this.lease, { schedule: () => undefined }); // the test polls
    this.verifier = new ApiKeyVerifier(
      database,
      { record: () => undefined } as unknown as LastUse,
      this.lease,
      options,
      clock,
    );
  }

  /** A change of the user that is committed on another node, or on this one, which then has answered. */
  change(secret: string | undefined, { here = false, user = 'u' } = {}): void {
    this.secret = secret;
    this.tag = 1000 + ++this.n;
    this.invalidations.push({ n: this.n, tag: this.tag, userId: user });
    if (here) for (const listener of this.listeners) void listener({ revision: this.n, tag: this.tag, users: [user] });
  }

  pass(ms: number): void {
    this.monotonic += ms;
    this.wall += ms;
  }

  /** A whole poll. */
  async polled(): Promise<void> {
    const done = this.lease.renew(this.monotonic);
    await settled();
    this.polls.at(-1)!.answer();
    await done;
  }

  /** The outcome of a request with that secret: what it is at once, or a promise. */
  request(secret: string): Promise<'accepted' | 'refused' | 'unavailable'> {
    const said = this.verifier.verify({ apiKey: 'k', apiSecret: secret });
    return said.then(
      (principal) => (principal ? 'accepted' : 'refused'),
      () => 'unavailable',
    );
  }

  /** A request for which one read has to be answered. */
  async asked(secret: string) {
    const outcome = this.request(secret);
    await settled();
    this.reads.at(-1)!.answer();
    return outcome;
  }

  isCached(secret: string): boolean {
    return Boolean(this.verifier.findCached({ apiKey: 'k', apiSecret: secret }));
  }

  private poll(from: number): object[] {
    const { n, tag } = this;
    const invalidations = this.invalidations.filter((invalidation) => invalidation.n >= from);
    const rows = invalidations.map((invalidation) => ({
      n,
      tag,
      readOnly: '0',
      invalidationN: invalidation.n,
      invalidationTag: invalidation.tag,
      userId: invalidation.userId,
    }));
    return rows.length > 0
      ? rows
      : [{ n, tag, readOnly: '0', invalidationN: null, invalidationTag: null, userId: null }];
  }

  private read(): object[] {
    const { n, tag, secret } = this;
    const owner = { apiKey: 'k', userId: 'u', name: 'u@example.com', fullName: 'U', roles: null };
    if (secret === undefined) {
      const key = this.hasKey ? owner : { apiKey: null, userId: null, roles: null };
      return [{ n, tag, ...key, secretId: null }];
    }
    return [{ n, tag, ...owner, secretId: secret, ...storedForm(secret), ...WITHOUT_LIMITS }];
  }

  private held(all: Held[], rows: object[]): Promise<object[]> {
    return new Promise((resolve, reject) => {
      all.push({ answer: () => resolve(rows), fail: () => reject(new Error('lost')) });
    });
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** With a lease, and the old secret in memory. */
async function warm(options?: VerifierOptions): Promise<World> {
  const world = new World(options);
  await world.polled();
  expect(await world.asked('old')).toBe('accepted');
  expect(world.isCached('old')).toBe(true);
  return world;
}

describe('a lease', () => {
  it('counts from the start of the poll, not from its answer', async () => {
    const world = await warm();
    const done = world.lease.renew(world.monotonic);
    await settled();
    world.pass(200);
    world.polls.at(-1)!.answer();
    await done;
    world.pass(LEASE_MS - 201);
    expect(world.isCached('old')).toBe(true);
    world.pass(1);
    expect(world.isCached('old')).toBe(false);
  });

  it.each([
    ['the machine slept: the monotonic clock stood still', (world: World) => (world.wall += 5000)],
    ['the wall clock was set back', (world: World) => ((world.monotonic += 5000), (world.wall -= 60_000))],
    ['the process was frozen', (world: World) => world.pass(5000)],
  ])('is over when %s', async (_, happens) => {
    const world = await warm();
    happens(world);
    expect(world.isCached('old')).toBe(false);
  });

  it('is not renewed by an answer that comes after the time of the poll', async () => {
    const world = await warm();
    world.pass(LEASE_MS);
    const done = world.lease.renew(world.monotonic);
    await settled();
    world.pass(251);
    world.polls.at(-1)!.answer();
    await expect(done).rejects.toMatchObject({ code: 'unavailable' });
    expect(world.lease.isValid()).toBe(false);
  });

  it('over, one poll makes all warm again, without a read for each key', async () => {
    const world = await warm();
    world.pass(10_000);
    const requests = Array.from({ length: 100 }, () => world.request('old'));
    await settled();
    const [polls, reads] = [world.polls.length, world.reads.length];
    world.polls.at(-1)!.answer();
    expect(new Set(await Promise.all(requests))).toEqual(new Set(['accepted']));
    expect([world.polls.length, world.reads.length]).toEqual([polls, reads]);
  });

  it('over, and the database away: 503, and nothing is forgotten', async () => {
    const world = await warm();
    world.pass(10_000);
    const request = world.request('old');
    await settled();
    world.polls.at(-1)!.fail();
    await settled();
    world.polls.at(-1)!.fail();
    expect(await request).toBe('unavailable');
    await world.polled();
    expect(world.isCached('old')).toBe(true);
  });
});

describe('a secret that was refused', () => {
  /** The old secret is refused, after the new one was made and read. */
  async function replaced(): Promise<World> {
    const world = await warm();
    world.change('new');
    await world.polled();
    expect(await world.asked('new')).toBe('accepted');
    const request = world.request('old');
    await settled();
    world.polls.at(-1)!.answer();
    expect(await request).toBe('refused');
    return world;
  }

  it('is refused from memory when it comes again, without a poll', async () => {
    const world = await replaced();
    const [polls, reads] = [world.polls.length, world.reads.length];
    expect(await world.request('old')).toBe('refused');
    expect(world.verifier.findCached({ apiKey: 'k', apiSecret: 'old' })).toBeNull();
    expect([world.polls.length, world.reads.length]).toEqual([polls, reads]);
    expect(world.verifier.findCached({ apiKey: 'k', apiSecret: 'another' })).toBeUndefined();
    expect(await world.request('new')).toBe('accepted');
  });

  it('is asked for again once the lease is over, or the key has changed: a restored database may know it', async () => {
    const world = await replaced();
    world.pass(LEASE_MS);
    const late = world.request('old');
    await settled();
    world.polls.at(-1)!.answer();
    expect(await late).toBe('refused');
    world.change('old');
    await world.polled();
    expect(await world.asked('old')).toBe('accepted');
  });
});

describe('a change on another node', () => {
  it('is known with the next poll', async () => {
    const world = await warm();
    world.change(undefined);
    await world.polled();
    expect(world.isCached('old')).toBe(false);
    expect(await world.asked('old')).toBe('refused');
  });

  it('is not undone by a read that was answered before it and comes after the poll', async () => {
    const world = new World();
    await world.polled();
    const request = world.request('old');
    await settled();
    const [read] = world.reads;
    world.change(undefined);
    await world.polled();
    read!.answer();
    await settled();
    expect(world.reads).toHaveLength(2); // asked anew
    world.reads[1]!.answer();
    expect(await request).toBe('refused');
    expect(world.isCached('old')).toBe(false);
  });

  it('that concerns another user drops nothing', async () => {
    const world = await warm();
    world.change('old', { user: 'another' });
    await world.polled();
    expect(world.isCached('old')).toBe(true);
  });

  it('that concerns everybody drops everything', async () => {
    const world = await warm();
    world.change('old', { user: EVERYBODY });
    await world.polled();
    expect(world.isCached('old')).toBe(false);
  });
});

describe('a change on this node', () => {
  it('is known at once, without a poll', async () => {
    const world = await warm();
    world.change(undefined, { here: true });
    expect(world.isCached('old')).toBe(false);
  });

  it('is not undone by a read that was under way, nor for a request that joins it', async () => {
    const world = new World();
    await world.polled();
    const before = world.request('old');
    await settled();
    world.change(undefined, { here: true });
    const after = world.request('old');
    await settled();
    expect(world.reads).toHaveLength(1);
    world.reads[0]!.answer();
    await settled();
    world.reads[1]!.answer();
    expect([await before, await after]).toEqual(['refused', 'refused']);
  });

  it('is not forgotten by a poll that clears everything and began before it', async () => {
    const world = await warm();
    const read = world.request('other'); // a read of the state before: first the poll that it waits for
    await settled();
    world.invalidations = []; // purged past this node
    world.polls.at(-1)!.answer();
    await settled();
    const held = world.reads.at(-1)!;
    const poll = world.lease.renew(world.monotonic);
    await settled();
    world.change(undefined, { here: true });
    world.polls.at(-1)!.answer();
    await poll;
    held.answer();
    await settled();
    world.reads.at(-1)!.answer();
    expect(await read).toBe('refused');
    expect(world.isCached('old')).toBe(false);
  });
});

describe('a new secret', () => {
  it('works at once, though the old one was read a moment ago', async () => {
    const world = await warm();
    world.change('new');
    const request = world.request('new');
    await settled();
    world.polls.at(-1)!.answer();
    await settled();
    world.reads.at(-1)!.answer();
    expect(await request).toBe('accepted');
  });

  it('is not refused by a read that was under way when the request came', async () => {
    const world = new World();
    await world.polled();
    const first = world.request('old');
    await settled();
    world.pass(5);
    world.change('new');
    const request = world.request('new');
    await settled();
    world.reads[0]!.answer();
    expect(await first).toBe('accepted');
    await settled();
    for (const held of [...world.polls, ...world.reads]) held.answer();
    await settled();
    for (const held of world.reads) held.answer();
    expect(await request).toBe('accepted');
  });

  it('a wrong one is refused by one poll, and no read', async () => {
    const world = await warm();
    const reads = world.reads.length;
    const requests = Array.from({ length: 50 }, () => world.request('wrong'));
    await settled();
    const polls = world.polls.length;
    world.polls.at(-1)!.answer();
    expect(new Set(await Promise.all(requests))).toEqual(new Set(['refused']));
    expect([world.polls.length, world.reads.length]).toEqual([polls, reads]);
  });
});

describe('a database that has lost its newest changes', () => {
  it('and gives their numbers out again: everything is forgotten', async () => {
    const world = await warm();
    world.change('old');
    await world.polled();
    expect(await world.asked('old')).toBe('accepted');
    world.invalidations.pop();
    world.n--;
    world.pass(1000);
    world.change(undefined, { user: 'another' }); // the same number, another tag
    world.invalidations.at(-1)!.tag = world.tag = 7;
    await world.polled();
    expect(world.isCached('old')).toBe(false);
  });

  it('what is read without a lease is used, and not cached', async () => {
    const world = new World();
    await world.polled();
    world.pass(LEASE_MS);
    expect(await world.asked('old')).toBe('accepted');
    expect(world.isCached('old')).toBe(false);
    await world.polled();
    expect(world.isCached('old')).toBe(false);
  });
});

describe('a read', () => {
  it('that took too long is asked anew, three times in all, and then is 503', async () => {
    const world = new World();
    await world.polled();
    const request = world.request('old');
    for (let i = 0; i < 3; i++) {
      await settled();
      world.pass(READ_MS);
      world.reads[i]!.answer();
    }
    expect(await request).toBe('unavailable');
    expect(world.reads).toHaveLength(3);
  });

  it('is one for all who ask at once', async () => {
    const world = new World();
    await world.polled();
    const requests = Array.from({ length: 20 }, () => world.request('old'));
    await settled();
    expect(world.reads).toHaveLength(1);
    world.reads[0]!.answer();
    expect(new Set(await Promise.all(requests))).toEqual(new Set(['accepted']));
  });

  it('is one for each request where nothing may be cached', async () => {
    const world = new World({ maxCachedKeys: 0 });
    expect(await world.asked('old')).toBe('accepted');
    expect(await world.asked('old')).toBe('accepted');
    expect([world.polls.length, world.reads.length]).toEqual([0, 2]);
  });
});

describe.each([
  ['without a live secret', true],
  ['that nobody has', false],
])('a key %s', (_, hasKey) => {
  async function refused() {
    const world = new World();
    Object.assign(world, { secret: undefined, hasKey });
    await world.polled();
    expect(await world.asked('old')).toBe('refused');
    return world;
  }
  const findCached = (world: World, secret: string) => world.verifier.findCached({ apiKey: 'k', apiSecret: secret });

  it('is refused from memory when the same secret comes again', async () => {
    const world = await refused();
    const reads = world.reads.length;
    expect(findCached(world, 'old')).toBeNull();
    expect(findCached(world, 'another')).toBeUndefined();
    world.pass(LEASE_MS);
    expect(findCached(world, 'old')).toBeUndefined();
    expect(world.reads.length).toBe(reads);
    expect(world.verifier.size).toBe(0);
  });

  it('takes one poll and no read for another secret', async () => {
    const world = await refused();
    const reads = world.reads.length;
    const request = world.request('another');
    await settled();
    world.polls.at(-1)!.answer();
    expect(await request).toBe('refused');
    expect(findCached(world, 'another')).toBeNull();
    expect(world.reads.length).toBe(reads);
  });

  it('is known at once when it gets a secret, though no invalidation has been seen', async () => {
    const world = await refused();
    world.change('new');
    const request = world.request('new');
    await settled();
    world.polls.at(-1)!.answer();
    await settled();
    world.reads.at(-1)!.answer();
    expect(await request).toBe('accepted');
    expect(findCached(world, 'old')).toBeUndefined();
  });

  it('is forgotten with the invalidation of that user', async () => {
    const world = await refused();
    world.change('old', { here: true });
    expect(findCached(world, 'old')).toBeUndefined();
    expect(await world.asked('old')).toBe('accepted');
  });
});

it('a key that nobody had is not cached as such once a newer invalidation is known, of whomever', async () => {
  const world = new World();
  world.secret = undefined;
  await world.polled();
  const request = world.request('old');
  await settled();
  world.change('old', { user: 'another' });
  await world.polled();
  world.reads.at(-1)!.answer();
  expect(await request).toBe('refused');
  expect(world.verifier.findCached({ apiKey: 'k', apiSecret: 'old' })).toBeUndefined();
});
