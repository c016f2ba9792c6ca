import {
  type DynamicModule,
  type InjectionToken,
  Logger,
  Module,
  type ModuleMetadata,
  type Provider,
} from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { type DatabaseOptions, type Entities, openDataSource } from './data-source.js';
import { Database, LATCHKEY_DATA_SOURCE } from './database.js';
import { durabilityProblems, sessionProblems } from './durability.js';
import { hostProblem, migrate, pendingMigrations } from './migrate.js';

/** A database of Latchkey's own. */
export interface OwnDatabase {
  /** A URL as in `DATABASE_URL`, or that with the settings of its connections. */
  readonly database: string | DatabaseOptions;
  /** Bring the tables up to date at the start. Default true. */
  readonly migrate?: boolean;
}

/** Token of what the app has said of its database, and all that was said with it. */
export const LATCHKEY_OPTIONS = Symbol('LATCHKEY_OPTIONS');

const logger = new Logger('Database');
const OWN = getDataSourceToken('latchkey');

/** Gives the core its `Database`. Global, since the core's modules don't know which DataSource was chosen. */
@Module({})
export class DatabaseModule {
  /** Opens a DataSource named "latchkey", as the provider of `LATCHKEY_OPTIONS` says, and closes it with the app. */
  static forOwn(
    entities: Entities,
    options: Provider<OwnDatabase>,
    imports?: ModuleMetadata['imports'],
  ): DynamicModule {
    return databaseModule(
      [
        options,
        { provide: OWN, inject: [LATCHKEY_OPTIONS], useFactory: (own: OwnDatabase) => open(own, entities) },
        {
          provide: 'close',
          inject: [OWN],
          useFactory: (own: DataSource) => ({ onApplicationShutdown: () => own.destroy() }),
        },
        { provide: LATCHKEY_DATA_SOURCE, useExisting: OWN },
      ],
      imports,
    );
  }

  /** Uses the host's DataSource of that name; its tables are the host's business. */
  static forHost(options: { readonly dataSource: string }): DynamicModule {
    const inject = [getDataSourceToken(options.dataSource)];
    return databaseModule([
      { provide: LATCHKEY_OPTIONS, useValue: options },
      { provide: LATCHKEY_DATA_SOURCE, inject, useFactory: checked },
    ]);
  }
}

function databaseModule(providers: Provider[], imports: ModuleMetadata['imports'] = []): DynamicModule {
  const tokens = providers.map((provider) => (provider as { provide: InjectionToken }).provide);
  const exports = [Database, ...tokens.filter((token) => token !== 'close')];
  return { module: DatabaseModule, global: true, imports, providers: [...providers, Database], exports };
}

async function open({ database, migrate: wanted = true }: OwnDatabase, entities: Entities): Promise<DataSource> {
  if (database === undefined)
    throw new Error('AuthModule needs `database`; for a DataSource of the host: forRoot({ dataSource })');
  const options = typeof database === 'string' ? { url: database } : database;
  if (wanted) {
    for (const name of await migrate(options, entities)) logger.log(`Migration ${name} done`);
  }
  const dataSource = await openDataSource(options, entities);
  try {
    const pending = await pendingMigrations(dataSource);
    if (pending.length > 0) {
      throw new Error(`The tables are not up to date; run "latchkey migrate" first (missing: ${pending.join(', ')})`);
    }
    const problem = await hostProblem(dataSource);
    if (problem !== undefined) throw new Error(problem);
    return await warned(dataSource);
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

/** A host may run its migrations later than this, so what is missing is said and not thrown. */
async function checked(dataSource: DataSource): Promise<DataSource> {
  const problems = await sessionProblems(dataSource);
  if (problems.length > 0) throw new Error(`Latchkey is not safe on this DataSource: ${problems.join(' ')}`);
  const problem = await hostProblem(dataSource);
  if (problem === undefined) return warned(dataSource);
  logger.error(problem);
  return dataSource;
}

async function warned(dataSource: DataSource): Promise<DataSource> {
  for (const problem of await durabilityProblems(dataSource)) {
    logger.warn(`A crash of the database can lose acknowledged changes: ${problem}`);
  }
  return dataSource;
}
