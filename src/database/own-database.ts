import type { DataSource } from 'typeorm';
import { Logger } from '../nest-core.js';
import { type DatabaseOptions, type Entities, openDataSource } from './data-source.js';
import { engineOf } from './engines/index.js';
import { hostProblem, migrate, pendingMigrations } from './migrate.js';

/** Token of the options that the app gave for its database, with all other options that it gave. */
export const LATCHKEY_OPTIONS = Symbol('LATCHKEY_OPTIONS');

/** A database of Latchkey's own. */
export interface OwnDatabase {
  /** A URL as in `DATABASE_URL`, or that with the settings of its connections. */
  readonly database: string | DatabaseOptions;
  /** Bring the tables up to date at the start. Default true. */
  readonly migrate?: boolean;
}

const logger = new Logger('Database');

/** Opens it, with its tables up to date. @throws an Error when they are not; the driver's error. */
export async function openOwnDatabase(
  { database, migrate: wanted = true }: OwnDatabase,
  entities: Entities,
): Promise<DataSource> {
  if (database === undefined)
    throw new Error('AuthModule needs `database`; for a DataSource of the host: forRoot({ dataSource })');
  const options = typeof database === 'string' ? { url: database } : database;
  let dataSource = await openDataSource(options, entities);
  try {
    let pending = await pendingMigrations(dataSource);
    if (wanted && pending.length > 0) {
      await dataSource.destroy();
      for (const name of await migrate(options, entities)) logger.log(`Migration ${name} done`);
      dataSource = await openDataSource(options, entities);
      pending = await pendingMigrations(dataSource);
    }
    if (pending.length > 0) {
      throw new Error(`The tables are not up to date; run "latchkey migrate" first (missing: ${pending.join(', ')})`);
    }
    const problem = await hostProblem(dataSource);
    if (problem !== undefined) throw new Error(problem);
    return await warnOfLosses(dataSource);
  } catch (error) {
    if (dataSource.isInitialized) await dataSource.destroy();
    throw error;
  }
}

/** Logs the settings with which a crash can lose changes. @returns the DataSource. */
export async function warnOfLosses(dataSource: DataSource): Promise<DataSource> {
  for (const problem of await engineOf(dataSource).durabilityProblems(dataSource)) {
    logger.warn(`A crash of the database can lose acknowledged changes: ${problem}`);
  }
  return dataSource;
}
