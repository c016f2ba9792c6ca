import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import { LatchkeyError } from '../latchkey.error.js';
import { isRetryable, isUnavailable } from './driver-errors.js';

/** Token of the DataSource that holds Latchkey's tables: its own, or the host's. */
export const LATCHKEY_DATA_SOURCE = Symbol('LATCHKEY_DATA_SOURCE');

const ATTEMPTS = 5;

/** The part of mysql2's pool that is used here; SQLite has none. */
interface Pool {
  execute(sql: string, parameters: unknown[], callback: (error: unknown, rows: unknown) => void): void;
}

/**
 * The one way of the core to its tables. Both methods throw what `work` throws, save that a database which can't be
 * asked is a LatchkeyError `unavailable`: a broken database never looks like an answer.
 */
@Injectable()
export class Database {
  private readonly logger = new Logger('Database');

  constructor(@Inject(LATCHKEY_DATA_SOURCE) private readonly dataSource: DataSource) {}

  /**
   * Asks one question: the rows of one SELECT, prepared once for each connection. The straightest way to the database
   * that TypeORM's drivers leave open.
   */
  async select<Row>(sql: string, parameters: (string | number)[]): Promise<Row[]> {
    try {
      const { pool } = this.dataSource.driver as { pool?: Pool };
      return pool ? await execute<Row>(pool, sql, parameters) : await this.dataSource.query<Row[]>(sql, parameters);
    } catch (error) {
      throw this.translated(error);
    }
  }

  /** Reads, outside of a transaction. */
  async read<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await work(this.dataSource.manager);
    } catch (error) {
      throw this.translated(error);
    }
  }

  /**
   * Runs `work` in a transaction; when this resolves, what it wrote is committed. When the database gives up on it
   * because of others (deadlock), it is run again from the start, so it must have no effect but in the database.
   */
  async change<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.dataSource.transaction(work);
      } catch (error) {
        if (attempt === ATTEMPTS || !isRetryable(error)) throw this.translated(error);
        await delay(Math.random() * 10 * 2 ** attempt);
      }
    }
  }

  private translated(error: unknown): unknown {
    if (!isUnavailable(error)) return error;
    this.logger.error(`The database can't be asked: ${(error as Error).message}`);
    return new LatchkeyError('unavailable', 'The database does not answer at the moment. Try again shortly.');
  }
}

function execute<Row>(pool: Pool, sql: string, parameters: unknown[]): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    pool.execute(sql, parameters, (error, rows) => (error ? reject(error as Error) : resolve(rows as Row[])));
  });
}
