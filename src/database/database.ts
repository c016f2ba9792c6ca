import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger, Optional } from '../nest-core.js';
import type { DataSource, EntityManager } from 'typeorm';
import type { AuditRecord } from '../audit/chain.js';
import { announce, beginTrail, type Trail, writeTrail } from '../audit/trail.js';
import { LatchkeyError } from '../latchkey.error.js';
import { Bulkhead } from './bulkhead.js';
import { ChangeLine, type Turn, WAIT_MS } from './change-line.js';
import { lockHead, writeHead } from './head.js';
import { LATCHKEY_OPTIONS } from './own-database.js';
import type { Engine, PoolFigures, Written } from './engines/engine.js';
import { engineOf } from './engines/index.js';
import { isBusy, isConnectionLost, isRetryable, isUnavailable } from './driver-errors.js';
import {
  beginInvalidations,
  type Change,
  invalidate,
  newestChange,
  NOBODY,
  writeInvalidations,
} from './invalidations.js';
import { OwnConnection } from './own-connection.js';

/** Token of the DataSource that holds Latchkey's tables: its own, or the host's. */
export const LATCHKEY_DATA_SOURCE = Symbol('LATCHKEY_DATA_SOURCE');

const ATTEMPTS = 10;
const UNKNOWN_CALLERS = {
  waiting: 1000,
  waitMs: 1000,
  refusal: 'Too many unknown callers are waiting at the moment. Try again shortly.',
};

/** How long an unknown caller who proves to be nobody keeps its place, in milliseconds. */
const NOBODY_MS = 4;
/** For how long after a caller who proves to be nobody the next ones may be a flood, in milliseconds. */
const FLOODED_MS = 100;

/** Who asks for a change. */
export interface ChangeFor extends Turn {
  /**
   * Runs at the start of the transaction: locks the rows that give the power to make this change, until COMMIT, and checks
   * that they still give it. Absent for a change that needs no power.
   * @throws LatchkeyError when the power is gone.
   */
  readonly confirm?: (manager: EntityManager) => Promise<void>;
}

interface Committed<T> {
  readonly result: T;
  readonly change: Change | undefined;
  readonly rows: readonly AuditRecord[];
}

/** For changes that the server makes by itself, such as deleting expired rows. */
export const UPKEEP: ChangeFor = { name: 'upkeep', takesPower: false };

/**
 * The only way of the core to its tables. All methods throw what `work` throws. When the database can't be asked, they
 * throw a LatchkeyError `unavailable`: a broken database never looks like an answer.
 */
@Injectable()
export class Database {
  private readonly logger = new Logger('Database');
  private readonly changes: ChangeLine;
  /**
   * Limits how many unknown callers query at once, so that a flood of them cannot starve known callers. While all of them
   * prove to be somebody, they may take the connections that nobody else uses; otherwise they have a third.
   */
  private readonly unknownCallers: Bulkhead;
  /** A third of the connections. */
  private readonly unknownAtLeast: number;
  /** How many reads for unknown callers are under way. */
  private unknownReads = 0;
  /** Until then, of `performance.now()`, unknown callers have a third only. */
  private floodedUntil = 0;
  private readonly changed: ((change: Change) => void | Promise<unknown>)[] = [];
  /** How many queries this process can run at once. */
  readonly connections: number;
  readonly engine: Engine;

  constructor(
    @Inject(LATCHKEY_DATA_SOURCE) private readonly dataSource: DataSource,
    @Optional() @Inject(LATCHKEY_OPTIONS) private readonly options: { readonly recordAddresses?: boolean } = {},
  ) {
    this.engine = engineOf(dataSource);
    const { poolSize = 10 } = dataSource.options as { poolSize?: number };
    this.connections = this.pool() ? poolSize : 1;
    this.unknownAtLeast = Math.max(2, Math.floor(this.connections / 3));
    this.unknownCallers = new Bulkhead({ ...UNKNOWN_CALLERS, atOnce: () => this.unknownAtOnce });
    // Changes can wait for each other's locks, so half of the connections are left for verification. On SQLite's one
    // connection, a change that takes power away waits for one other at most.
    this.changes = new ChangeLine(this.pool() ? Math.max(1, Math.floor(poolSize / 2)) : 2);
  }

  /**
   * The rows of one SELECT, which is prepared once for each connection. This is the shortest way to the database that
   * TypeORM's drivers leave open.
   * @param timeoutMs how long the answer may take, once there is a connection; then the connection is destroyed. SQLite
   * answers at once, and ignores it.
   */
  select<Row>(sql: string, parameters: (string | number)[], timeoutMs?: number): Promise<Row[]> {
    return this.reading(() => this.engine.select(this.dataSource, sql, parameters, timeoutMs));
  }

  /**
   * Runs `ask`, which finds out who an unknown caller is, in the queue of unknown callers. A caller who proves to be
   * somebody gives its place to the next one in the next turn of the event loop, so that others get their turn even where
   * the database answers at once. A caller who proves to be nobody keeps its place a little longer: a flood must not take
   * the time of known callers.
   * @throws Rejected when too many are waiting.
   */
  async forUnknownCaller<T>(ask: () => Promise<T>, isSomebody: (found: T) => boolean): Promise<T> {
    const release = await this.unknownCallers.take();
    let proved = false;
    this.unknownReads++;
    try {
      const found = await ask();
      proved = isSomebody(found);
      return found;
    } finally {
      this.unknownReads--;
      if (proved) setImmediate(release);
      else {
        this.floodedUntil = performance.now() + FLOODED_MS;
        setTimeout(release, NOBODY_MS);
      }
    }
  }

  private get unknownAtOnce(): number {
    const pool = this.pool();
    if (!pool || performance.now() < this.floodedUntil) return this.unknownAtLeast;
    const others = Math.max(0, pool.open - pool.idle + pool.waiting - this.unknownReads);
    return Math.max(this.unknownAtLeast, this.connections - others);
  }

  /**
   * Runs one statement that writes, and commits by itself. No node is told of it, and no row of the audit trail is written:
   * for counts.
   */
  async write(sql: string, parameters: (string | number)[], timeoutMs: number): Promise<Written> {
    const giveUp = performance.now() + timeoutMs;
    for (;;) {
      try {
        return await askAgain(() => this.engine.write(this.dataSource, sql, parameters, timeoutMs));
      } catch (error) {
        if (!(isBusy(error) || isRetryable(error)) || performance.now() > giveUp) throw this.translated(error);
        await delay(Math.random() * 10);
      }
    }
  }

  /** Reads, outside of a transaction. */
  read<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.reading(() => work(this.dataSource.manager));
  }

  /**
   * Runs `work` in a transaction; when this resolves, what it wrote is committed. When the database rolls it back because
   * of others (deadlock, busy file), `work` runs again from the start, so it must have no effect outside the database.
   * `work` calls `invalidate` for each user whose access it changes, and `record` for each row of the audit trail, or
   * `recordNothing`. Both are written in the same transaction.
   *
   * What was checked before this call may no longer be true: the change has waited in a queue. `changeFor.confirm` checks
   * the actor again; `work` has to check everything else that it relies on again, or write under a condition.
   *
   * Order of locks: rows of lk_users by name, then other rows of these users, then lk_revision.
   */
  async change<T>(changeFor: ChangeFor, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const release = await this.changes.take(changeFor);
    const { result, change, rows } = await this.commit(changeFor, work).finally(release);
    for (const row of rows) announce(row);
    if (change) await this.notifyListeners(change);
    return result;
  }

  /**
   * Has this process, and those that share its port, drop what they have cached of that user, as after a change of their
   * own. For a call that found nothing left to change: another node may have done it a moment ago.
   */
  async forget(userId: string): Promise<void> {
    await this.notifyListeners(await this.read((manager) => newestChange(manager, userId)));
  }

  /**
   * Has `listener` called after each committed change that has written invalidations, before `change` resolves, and by
   * `forget`. Listeners are called one after another, in the order in which they were added; a promise is awaited. They
   * must not throw.
   */
  onChange(listener: (change: Change) => void | Promise<unknown>): void {
    this.changed.push(listener);
  }

  /** The rows of any statement, on any connection of the pool. */
  query<Row>(sql: string): Promise<Row[]> {
    return this.reading(() => this.dataSource.query(sql));
  }

  /** A connection beside the pool; whoever opens it closes it. */
  ownConnection(): OwnConnection {
    return new OwnConnection(this.dataSource);
  }

  /** The connections at the moment; undefined for SQLite, which has one. */
  pool(): PoolFigures | undefined {
    return this.engine.pool(this.dataSource);
  }

  private async commit<T>(changeFor: ChangeFor, work: (manager: EntityManager) => Promise<T>): Promise<Committed<T>> {
    const { confirm } = changeFor;
    const giveUp = performance.now() + WAIT_MS;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.dataSource.transaction(async (manager) => {
          const users = beginInvalidations(manager);
          const trail = beginTrail(manager);
          await confirm?.(manager);
          // The other primaries of a cluster do not know a shared lock. There, the row of the counter makes the conflict:
          // every change that takes power writes it, and so does every change that needs power.
          if (confirm) invalidate(manager, NOBODY);
          const result = await work(manager);
          if (!trail.isComplete && changeFor !== UPKEEP)
            throw new Error('A change has left no row in the audit trail.');
          return { result, ...(await this.conclude(manager, users, trail)) };
        });
      } catch (error) {
        const again = isBusy(error) ? performance.now() < giveUp : attempt < ATTEMPTS && isRetryable(error);
        if (!again) throw this.translated(error);
        // SQLite has no queue for processes: one that asks rarely is passed over.
        await delay(Math.random() * 10 * (isBusy(error) ? 1 : 2 ** Math.min(attempt, 5)));
      }
    }
  }

  /** Writes what the change has invalidated and recorded, once its place in the order of commits is known. */
  private async conclude(manager: EntityManager, users: ReadonlySet<string>, trail: Trail) {
    if (users.size === 0 && trail.rows.length === 0) return { change: undefined, rows: [] };
    const head = await lockHead(manager);
    const { recordAddresses = true } = this.options;
    const change = users.size > 0 ? await writeInvalidations(manager, users, head.revision + 1) : undefined;
    const rows = await writeTrail(manager, trail, head.trail, { now: head.now, recordAddresses });
    const last = rows.at(-1);
    await writeHead(manager, { ...head, ...change, ...(last && { trail: last, at: last.at.getTime() }) });
    return { change, rows };
  }

  private async notifyListeners(change: Change): Promise<void> {
    for (const listener of this.changed) await listener(change);
  }

  private async reading<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await askAgain(ask);
    } catch (error) {
      throw this.translated(error);
    }
  }

  private translated(error: unknown): unknown {
    if (!isUnavailable(error)) return error;
    this.logger.error(`The database can't be asked: ${(error as Error).message}`);
    return new LatchkeyError('unavailable', 'The database does not answer at the moment. Try again shortly.');
  }
}

/** Asks again on another connection when the first was dead: the server closes connections that are idle for long. */
function askAgain<T>(ask: () => Promise<T>): Promise<T> {
  return ask().catch((error: unknown) => {
    if (isConnectionLost(error)) return ask();
    throw error;
  });
}
