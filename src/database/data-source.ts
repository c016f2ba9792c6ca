import { DataSource, type DataSourceOptions, type EntityTarget, type ObjectLiteral } from 'typeorm';
import { parseDatabaseUrl } from './database-url.js';
import { engineOf } from './engines/index.js';
import { LATCHKEY_MIGRATIONS } from './migrations/index.js';

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

export type Entities = EntityTarget<ObjectLiteral>[];

/** TypeORM's options for a database of our own. */
export function dataSourceOptions(options: DatabaseOptions, entities: Entities): DataSourceOptions {
  const target = parseDatabaseUrl(options.url);
  const ofAll = {
    name: 'latchkey',
    entities: entities as never[],
    migrations: LATCHKEY_MIGRATIONS,
    migrationsTableName: 'lk_migrations',
    migrationsTransactionMode: 'none',
    logging: false,
  };
  return { ...target.engine.options(target, options), ...ofAll } as DataSourceOptions;
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
  return engineOf(dataSource).prepare(dataSource);
}
