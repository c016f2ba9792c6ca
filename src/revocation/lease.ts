import { setTimeout as delay } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  Optional,
} from '@nestjs/common';
import { Database, UPKEEP } from '../database/database.js';
import { type Change, EVERYBODY, purgeInvalidations } from '../database/invalidations.js';
import type { OwnConnection } from '../database/own-connection.js';
import type { Topology } from '../database/engines/engine.js';
import { LatchkeyError } from '../latchkey.error.js';
import { type Clock, CLOCK, type Instant, isWithin, SYSTEM_CLOCK } from './instant.js';
import { RecentInvalidations } from './recent-invalidations.js';

/** How long a node trusts its cache after the start of the last poll that succeeded, in milliseconds. */
export const LEASE_MS = 900;
/** The age from which on a read of a key is not used, in milliseconds. */
export const READ_MS = 600;
const POLL_MS = 200;
const POLL_TIMEOUT_MS = 250;
/** With more invalidations than this in one answer, the whole cache is cleared instead. */
const MAX_INVALIDATIONS = 5000;
const INSPECT_TIMEOUT_MS = 3000;
/** How soon a database that can't keep the promise is inspected again. */
const PROBLEM_MS = 60_000;
const PURGE_MS = 60_000;
const PURGE_PAUSE_MS = 50;

/** The number of the newest change that an answer of the database covers, and the tag of its invalidation. */
export interface Revision {
  readonly n: number;
  readonly tag: number;
}

/** A cache that follows the lease. */
export interface LeasedCache {
  /** From now on, what it has of that user lets nobody in. */
  invalidate(userId: string): void;
  invalidateAll(): void;
}

interface Row {
  n: number | string;
  tag: number | string;
  readOnly: number | string;
  invalidationN: number | string | null;
  invalidationTag: number | string | null;
  userId: string | null;
}

/**
 * Says whether what this process has cached is still current: the protocol of docs/revocation.md, which is checked as a
 * model in test/model. Where there is no `await` between two lines, there must never be one: each answer of the database
 * takes effect in one synchronous block.
 */
@Injectable()
export class Lease implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Revocation');
  private readonly caches: LeasedCache[] = [];
  private readonly recent = new RecentInvalidations();
  private readonly connection: OwnConnection;
  /** The caches are current as of this revision, or a newer one. */
  private known: Revision | undefined;
  /** The newest revision at which something in a cache was read. */
  private seen: Revision | undefined;
  /** The start of the last poll that succeeded. */
  private since: Instant | undefined;
  /** The newest change by this process since the poll under way began. */
  private ownSince = 0;
  private polling: { readonly began: Instant; readonly done: Promise<void> } | undefined;
  private next: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private purgeTimer: NodeJS.Timeout | undefined;
  private topology: Topology = { readOnly: '0' };
  private isPrimary = true;
  private failing = false;
  private closed = false;

  constructor(
    private readonly database: Database,
    @Optional() @Inject(CLOCK) private readonly clock: Clock = SYSTEM_CLOCK,
  ) {
    this.connection = database.ownConnection();
    database.onChange((change) => this.add(change));
  }

  /** Applies a committed change, of this process or of one that shares its port, before the change is answered. */
  add({ revision, tag, users }: Change): void {
    this.ownSince = Math.max(this.ownSince, revision);
    this.noteSeen({ n: revision, tag }); // so that a poll notices when the database has lost it
    for (const userId of users) {
      if (userId === EVERYBODY) this.invalidateAll(revision);
      else this.invalidate(revision, userId);
    }
  }

  /** Has that cache follow this lease. Every cache has to. */
  register(cache: LeasedCache): void {
    this.caches.push(cache);
  }

  /** Whether a cache may be used now, without asking the database. */
  isValid(): boolean {
    const { since } = this;
    return since !== undefined && isWithin(LEASE_MS, since, this.clock.now());
  }

  /** Milliseconds since the start of the last poll that succeeded; undefined before the first. */
  get age(): number | undefined {
    return this.since && this.clock.now().monotonic - this.since.monotonic;
  }

  /**
   * Waits for a poll that began after `asked`, a moment of the monotonic clock: then every change that was answered before
   * that moment is known. One poll serves all who wait.
   * @throws LatchkeyError `unavailable` when the database does not answer it.
   */
  async renew(asked: number): Promise<void> {
    if (this.polling && this.polling.began.monotonic >= asked) return this.polling.done;
    this.next ??= this.afterThisPoll();
    return this.next;
  }

  /**
   * Whether an answer of the database may be used and cached: it is not old, and no change is known that it lacks.
   * @param began when the database was asked.
   * @param userId the user whom the answer is about; null for nobody.
   */
  accepts(began: Instant, { n }: Revision, userId: string | null): boolean {
    if (!this.isPrimary && !this.isValid()) return false;
    return isWithin(READ_MS, began, this.clock.now()) && this.recent.covers(n, userId);
  }

  /** Whether an answer at that revision lacks no known change, of any user. */
  isNewest({ n }: Revision): boolean {
    return this.recent.isNewest(n);
  }

  /** Something that was read at that revision is in a cache from now on. */
  noteSeen(revision: Revision): void {
    if (this.seen === undefined || revision.n > this.seen.n) this.seen = revision;
  }

  onApplicationBootstrap(): void {
    if (this.caches.length > 0) this.schedule(0);
    this.schedulePurge();
  }

  onApplicationShutdown(): void {
    this.closed = true;
    clearTimeout(this.timer);
    clearTimeout(this.purgeTimer);
    this.connection.close();
  }

  private schedule(ms: number): void {
    clearTimeout(this.timer);
    if (this.closed) return;
    const renew = () => void this.renew(this.clock.now().monotonic).catch(() => undefined); // it has been logged
    this.timer = setTimeout(renew, Math.max(0, ms)).unref();
  }

  private async afterThisPoll(): Promise<void> {
    await this.polling?.done.catch(() => undefined);
    let hasBegun = false;
    try {
      if (this.closed) throw new Error('this process is shutting down');
      // Not in the time of a poll: opening can take several round trips.
      if (await this.connection.open()) await this.inspectDatabase();
      const began = this.clock.now();
      const done = this.poll(began).finally(() => {
        this.polling = undefined;
        this.schedule(POLL_MS - (this.clock.now().monotonic - began.monotonic));
      });
      done.catch(() => undefined); // those who wait for it report the error
      this.polling = { began, done };
      this.next = undefined; // whoever comes from here on waits for the next poll
      hasBegun = true;
      await done;
      if (this.failing) this.logger.log('The database answers again.');
      this.failing = false;
    } catch (error) {
      if (!hasBegun) this.next = undefined; // else `next` is another poll, which waits for the end of this one
      this.schedule(this.topology.problem === undefined ? POLL_MS : PROBLEM_MS);
      if (!this.failing) this.logger.error(`Could not learn what has been revoked: ${(error as Error).message}`);
      this.failing = true;
      throw new LatchkeyError('unavailable', 'The database does not answer at the moment. Try again shortly.');
    }
  }

  /**
   * One poll: one SELECT, so that its invalidations belong to its revision. The limit is inside the subquery, or MySQL
   * reads and sorts all invalidations first: with half a million, that takes longer than a poll may, each time.
   */
  private async poll(began: Instant): Promise<void> {
    const { known, seen: base } = this;
    this.ownSince = 0;
    const sql = `
      SELECT r.n, r.tag, ${this.topology.readOnly} AS readOnly,
             i.n AS invalidationN, i.tag AS invalidationTag, i.user_id AS userId
        FROM lk_revision r
        LEFT JOIN (SELECT n, tag, user_id FROM lk_invalidations WHERE n >= ${known?.n ?? Number.MAX_SAFE_INTEGER}
                    ORDER BY n LIMIT ${MAX_INVALIDATIONS + 1}) i ON 1 = 1
       WHERE r.id = 1 ORDER BY i.n`;
    const rows = await this.connection.query<Row>(sql, POLL_TIMEOUT_MS);
    // A process that was frozen can see an answer before the timer that should have ended the wait.
    if (!isWithin(POLL_TIMEOUT_MS, began, this.clock.now())) throw new Error('Its answer came too late.');
    const [first] = rows;
    if (!first) throw new Error('The table lk_revision has lost its row.');
    this.isPrimary = /^(0|OFF)$/.test(String(first.readOnly));
    if (!this.isPrimary) throw new Error('It is read-only, as a replica is, or a primary that is one no more.');
    const newest = { n: Number(first.n), tag: Number(first.tag) };
    const invalidations = rows.flatMap(({ invalidationN, invalidationTag, userId }) =>
      invalidationN === null ? [] : [{ n: Number(invalidationN), tag: Number(invalidationTag), userId: userId! }],
    );
    const has = (revision: Revision) => invalidations.some(({ n, tag }) => n === revision.n && tag === revision.tag);
    const since = known && invalidations.filter(({ n }) => n > known.n);
    const goesOn =
      since !== undefined &&
      has(known!) &&
      // What was read in a history that is now lost may have been read at a higher number than the newest one now.
      (base === undefined || base.n <= known!.n || has(base)) &&
      rows.length <= MAX_INVALIDATIONS &&
      !since.some(({ userId }) => userId === EVERYBODY);
    if (goesOn) {
      for (const { n, userId } of since) this.invalidate(n, userId);
    } else {
      this.invalidateAll(Math.max(newest.n, this.ownSince));
      this.seen = newest;
    }
    this.known = newest;
    this.since = began; // last, and in the same block
  }

  /** Checks the settings of the database behind a connection that was just opened, and of the pool's connections. */
  private async inspectDatabase(): Promise<void> {
    const { engine } = this.database;
    this.topology = await engine.topology((sql) => this.connection.query(sql, INSPECT_TIMEOUT_MS));
    if (!this.topology.problem) {
      const { problem } = await engine.topology((sql) => this.database.query(sql));
      this.topology = { ...this.topology, problem };
    }
    const { problem } = this.topology;
    if (problem === undefined) return;
    this.connection.close();
    this.known = undefined;
    this.since = undefined;
    this.invalidateAll(0);
    throw new Error(`so nothing is cached, and each request asks the database. To change that: ${problem}`);
  }

  private invalidate(revision: number, userId: string): void {
    for (const cache of this.caches) cache.invalidate(userId);
    this.recent.add(revision, userId);
  }

  private invalidateAll(low: number): void {
    for (const cache of this.caches) cache.invalidateAll();
    this.recent.clear(low);
  }

  /** At a random time, so that not all nodes purge at once; in this node, one purge after the other. */
  private schedulePurge(): void {
    const purge = () => void this.purge().finally(() => this.closed || this.schedulePurge());
    this.purgeTimer = setTimeout(purge, PURGE_MS * (0.5 + Math.random())).unref();
  }

  /** Nobody waits for it. */
  private async purge(): Promise<void> {
    try {
      while (!this.closed && (await this.database.change(UPKEEP, (manager) => purgeInvalidations(manager))))
        await delay(PURGE_PAUSE_MS);
    } catch (error) {
      this.logger.warn(`Could not delete old invalidations. ${(error as Error).message}`);
    }
  }
}
