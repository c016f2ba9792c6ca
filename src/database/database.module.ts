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
import type { Entities } from './data-source.js';
import { Database, LATCHKEY_DATA_SOURCE } from './database.js';
import { engineOf } from './engines/index.js';
import { hostProblem } from './migrate.js';
import { LATCHKEY_OPTIONS, openOwnDatabase, type OwnDatabase, warnOfLosses } from './own-database.js';

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
        { provide: OWN, inject: [LATCHKEY_OPTIONS], useFactory: (own: OwnDatabase) => openOwnDatabase(own, entities) },
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

  /** Uses the host's DataSource of that name. The host runs the migrations. */
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

/** A host may run its migrations after this, so missing tables are logged and not thrown. */
async function checked(dataSource: DataSource): Promise<DataSource> {
  const problems = await engineOf(dataSource).sessionProblems(dataSource);
  if (problems.length > 0) throw new Error(`Latchkey is not safe on this DataSource: ${problems.join(' ')}`);
  const problem = await hostProblem(dataSource);
  if (problem === undefined) return warnOfLosses(dataSource);
  logger.error(problem);
  return dataSource;
}
