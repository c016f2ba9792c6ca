import type { DataSource } from 'typeorm';
import { prepareSession } from './mysql.driver.js';

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
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`The database did not answer within ${timeoutMs} ms`)), timeoutMs);
    });
    try {
      return await Promise.race([connection ? ask<Row>(await connection, sql) : this.dataSource.query(sql), late]);
    } catch (error) {
      if (this.connection === connection) this.close();
      throw error;
    } finally {
      clearTimeout(timer);
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
  await new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
  try {
    await prepareSession((sql) => ask(connection, sql));
    return connection;
  } catch (error) {
    connection.destroy();
    throw error;
  }
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
