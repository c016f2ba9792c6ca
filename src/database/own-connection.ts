import type { DataSource } from 'typeorm';
import { prepareSession } from './mysql.driver.js';
import { within } from './within.js';

const OPEN_TIMEOUT_MS = 5000;

/** The parts of TypeORM's MySQL driver and of mysql2 that are used here. */
interface MysqlDriver {
  readonly mysql: { Connection: new (options: { config: object }) => Connection };
  readonly pool?: { readonly config: { readonly connectionConfig: object } };
}
interface Connection {
  connect(callback: (error: Error | null) => void): void;
  query(sql: string, callback: (error: Error | null, rows: unknown) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  destroy(): void;
}

/**
 * A connection to the database outside of the pool, for questions that may not wait until one of the pool is free.
 * SQLite has one connection for all.
 */
export class OwnConnection {
  private connection: Promise<Connection> | undefined;
  private opened = false;

  constructor(private readonly dataSource: DataSource) {}

  /**
   * Opens the connection if it is not open. It is not part of `query`, whose time-out is short, since it can take several round
   * trips.
   * @returns true when it was opened just now: the server may be another one than before.
   * @throws what the driver says.
   */
  async open(): Promise<boolean> {
    const { mysql, pool } = this.dataSource.driver as unknown as MysqlDriver;
    if (!pool) {
      const first = !this.opened;
      this.opened = true;
      return first;
    }
    if (this.connection) {
      await this.connection;
      return false;
    }
    this.connection = connect(new mysql.Connection({ config: copy(pool.config.connectionConfig) }), () => this.close());
    this.connection.catch(() => this.close());
    await this.connection;
    return true;
  }

  /**
   * The rows of one SELECT. When the answer does not come within `timeoutMs`, or is an error, the connection is destroyed
   * and a late answer is never looked at; `open` opens another one.
   * @throws what the driver says, or an error without a code.
   */
  async query<Row>(sql: string, timeoutMs: number): Promise<Row[]> {
    const { connection } = this;
    // Nothing is awaited before the limit runs: the connection can be another one that is just being opened.
    const answer = connection ? connection.then((open) => ask<Row>(open, sql)) : this.dataSource.query<Row[]>(sql);
    try {
      return await withLimit(answer, timeoutMs);
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

async function connect(connection: Connection, lost: () => void): Promise<Connection> {
  connection.on('error', lost);
  const opened = new Promise<void>((resolve, reject) =>
    connection.connect((error) => (error ? reject(error) : resolve())),
  );
  try {
    // The driver's time-out ends with the handshake; after it a server can fall silent as well.
    await withLimit(
      opened.then(() => prepareSession((sql) => ask(connection, sql))),
      OPEN_TIMEOUT_MS,
    );
    return connection;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

function withLimit<T>(answer: Promise<T>, ms: number): Promise<T> {
  return within(ms, answer, () => new Error(`The database did not answer within ${ms} ms`));
}

function ask<Row>(connection: Connection, sql: string): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    connection.query(sql, (error, rows) => (error ? reject(error) : resolve(rows as Row[])));
  });
}

/** As the pool makes one for each of its connections, which may change it (BasePool in mysql2's lib/base/pool.js). */
function copy(config: object): object {
  return Object.create(Object.getPrototypeOf(config) as object, Object.getOwnPropertyDescriptors(config)) as object;
}
