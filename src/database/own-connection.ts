import type { DataSource } from 'typeorm';
import type { Opened } from './engines/engine.js';
import { engineOf } from './engines/index.js';
import { withTimeout } from './with-timeout.js';

/**
 * A connection to the database outside of the pool, for queries that must not wait until one of the pool is free; on
 * SQLite, for queries that must not wait for their turn.
 */
export class OwnConnection {
  private connection: Promise<Opened> | undefined;

  constructor(private readonly dataSource: DataSource) {}

  /**
   * Opens the connection if it is not open. This is not part of `query`, whose time-out is short, since it can take
   * several round trips.
   * @returns true when it was opened just now: the server may be another one than before.
   * @throws the driver's error.
   */
  async open(): Promise<boolean> {
    if (this.connection) {
      await this.connection;
      return false;
    }
    this.connection = engineOf(this.dataSource).connectAlone(this.dataSource, () => this.close());
    this.connection.catch(() => this.close());
    await this.connection;
    return true;
  }

  /**
   * The rows of one SELECT. When the answer does not come within `timeoutMs`, or is an error, the connection is destroyed
   * and a late answer is never read; `open` opens another one.
   * @throws the driver's error, or an error without a code.
   */
  async query<Row>(sql: string, timeoutMs: number): Promise<Row[]> {
    const { connection } = this;
    // Nothing is awaited before the limit runs: another connection may just be being opened.
    const answer = connection?.then((open) => open.query(sql)) ?? Promise.reject(new Error('The connection is closed'));
    try {
      return (await withLimit(answer, timeoutMs)) as Row[];
    } catch (error) {
      if (this.connection === connection) this.close();
      throw error;
    }
  }

  close(): void {
    const { connection } = this;
    this.connection = undefined;
    connection?.then(
      (open) => open.destroy(),
      () => undefined,
    );
  }
}

function withLimit<T>(answer: Promise<T>, ms: number): Promise<T> {
  return withTimeout(ms, answer, () => new Error(`The database did not answer within ${ms} ms`));
}
