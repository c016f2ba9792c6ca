import type { DataSource } from 'typeorm';
import { prepareSession } from './mysql.driver.js';
import { withTimeout } from './with-timeout.js';

const OPEN_TIMEOUT_MS = 5000;

/** The part of an open connection that is used here. */
interface Opened {
  query(sql: string): Promise<unknown[]>;
  destroy(): void;
}

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
    this.connection = connect(this.dataSource, () => this.close());
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

function connect(dataSource: DataSource, lost: () => void): Promise<Opened> {
  const { options, driver } = dataSource;
  if (options.type === 'mysql' || options.type === 'mariadb')
    return connectMysql(driver as unknown as MysqlDriver, lost);
  if (options.type === 'better-sqlite3' && options.database !== ':memory:')
    return connectSqlite(driver as unknown as SqliteDriver);
  // A database in memory belongs to the connection that made it; of other engines nothing is cached (topology.ts).
  return Promise.resolve({ query: (sql) => dataSource.query(sql), destroy: () => undefined });
}

/** The part of TypeORM's SQLite driver that is used here (BetterSqlite3Driver.ts); it is protected. */
interface SqliteDriver {
  createDatabaseConnection(): Promise<{ prepare(sql: string): { all(): unknown[] }; close(): void }>;
}

async function connectSqlite(driver: SqliteDriver): Promise<Opened> {
  const database = await driver.createDatabaseConnection();
  return {
    query: async (sql) => database.prepare(sql).all(),
    destroy: () => database.close(),
  };
}

/** The parts of TypeORM's MySQL driver and of mysql2 that are used here. */
interface MysqlDriver {
  readonly mysql: { Connection: new (options: { config: object }) => MysqlConnection };
  readonly pool: { readonly config: { readonly connectionConfig: object } };
}
interface MysqlConnection {
  connect(callback: (error: Error | null) => void): void;
  query(sql: string, callback: (error: Error | null, rows: unknown) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  destroy(): void;
}

async function connectMysql({ mysql, pool }: MysqlDriver, lost: () => void): Promise<Opened> {
  const connection = new mysql.Connection({ config: copy(pool.config.connectionConfig) });
  connection.on('error', lost);
  const query = (sql: string) =>
    new Promise<unknown[]>((resolve, reject) => {
      connection.query(sql, (error, rows) => (error ? reject(error) : resolve(rows as unknown[])));
    });
  const opened = new Promise<void>((resolve, reject) =>
    connection.connect((error) => (error ? reject(error) : resolve())),
  );
  try {
    // The driver's time-out ends with the handshake; after it a server can fall silent as well.
    await withLimit(
      opened.then(() => prepareSession(query)),
      OPEN_TIMEOUT_MS,
    );
    return { query, destroy: () => connection.destroy() };
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

function withLimit<T>(answer: Promise<T>, ms: number): Promise<T> {
  return withTimeout(ms, answer, () => new Error(`The database did not answer within ${ms} ms`));
}

/** A connection may change its config, so the pool makes a copy for each (BasePool in mysql2's lib/base/pool.js). */
function copy(config: object): object {
  return Object.create(Object.getPrototypeOf(config) as object, Object.getOwnPropertyDescriptors(config)) as object;
}
