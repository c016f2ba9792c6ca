import { isIP } from 'node:net';
import { DataSource, type DataSourceOptions, type EntityTarget, type ObjectLiteral } from 'typeorm';
import { parseDatabaseUrl } from './database-url.js';
import { LATCHKEY_MIGRATIONS } from './migrations/index.js';
import { mysqlDriver } from './mysql.driver.js';
import { SqliteDatabase } from './sqlite.driver.js';
import { serialise } from './sqlite.serialise.js';

export interface DatabaseOptions {
  /** `mysql://user:password@host:port/name`, `mariadb://…` or `sqlite:path`. */
  readonly url: string;
  /** Connections to MySQL or MariaDB. Default 10. */
  readonly poolSize?: number;
  /** Milliseconds. Default 3000. */
  readonly connectTimeoutMs?: number;
  /**
   * How long one query of MySQL or MariaDB may take, and the wait for a connection, in milliseconds. The connection of a
   * slower query is dropped. Default 5000.
   */
  readonly queryTimeoutMs?: number;
  /**
   * Encrypts the connection, and verifies the server's certificate and that it is for the host's name: by the system's
   * certificate authorities, or by `ca` (PEM). Default false.
   */
  readonly tls?: boolean | { readonly ca: string };
}

const BUSY_BLOCK_MS = 20;
const FIRST_START_MS = 5000;
/**
 * How many statements a connection keeps prepared. The server has 16,382 for all connections (max_prepared_stmt_count).
 */
const MAX_PREPARED = 200;

export type Entities = EntityTarget<ObjectLiteral>[];

/** TypeORM's options for a database of our own. */
export function dataSourceOptions(options: DatabaseOptions, entities: Entities): DataSourceOptions {
  const { poolSize = 10, connectTimeoutMs = 3000, queryTimeoutMs = 5000, tls = false } = options;
  const shared = {
    name: 'latchkey',
    entities: entities as never[],
    migrations: LATCHKEY_MIGRATIONS,
    migrationsTableName: 'lk_migrations',
    migrationsTransactionMode: 'none' as const,
    logging: false,
  };
  const target = parseDatabaseUrl(options.url);
  if (target.type === 'sqlite') {
    return {
      ...shared,
      type: 'better-sqlite3',
      driver: SqliteDatabase,
      database: target.path,
      // SQLite blocks this process while it waits for another one: only briefly, then Database.change tries again.
      timeout: BUSY_BLOCK_MS,
      // WAL with FULL: readers don't wait for the writer, and a commit is on disk when it returns.
      prepareDatabase: (db: SqliteDatabase) => {
        // When several processes start at once, one sets WAL mode and the others may wait: nothing is served yet.
        db.pragma(`busy_timeout = ${FIRST_START_MS}`);
        db.pragma('journal_mode = WAL');
        db.pragma(`busy_timeout = ${BUSY_BLOCK_MS}`);
        db.pragma('synchronous = FULL');
      },
    };
  }
  // mysql2 would compare an address's certificate with the name "localhost".
  if (tls && isIP(target.host))
    throw new Error('TLS needs the database by its name: a certificate is checked against it');
  return {
    ...shared,
    ...target,
    driver: mysqlDriver(queryTimeoutMs),
    charset: 'utf8mb4',
    timezone: 'Z',
    bigNumberStrings: false,
    poolSize,
    connectTimeout: connectTimeoutMs,
    // By default, mysql2 accepts a certificate for any host.
    ...(tls && { ssl: { verifyIdentity: true, minVersion: 'TLSv1.2', ...(tls !== true && { ca: tls.ca }) } }),
    extra: { queueLimit: 100 * poolSize, maxPreparedStatements: MAX_PREPARED },
  };
}

/** Connects for migrations: the DataSource is not safe for concurrent use. */
export async function connect(options: DatabaseOptions, entities: Entities): Promise<DataSource> {
  const dataSource = new DataSource(dataSourceOptions(options, entities));
  return dataSource.initialize();
}

/**
 * Connects to a database of our own.
 * @throws the driver's error when it can't be reached.
 */
export async function openDataSource(options: DatabaseOptions, entities: Entities): Promise<DataSource> {
  const dataSource = await connect(options, entities);
  return dataSource.options.type === 'better-sqlite3' ? serialise(dataSource) : dataSource;
}
