import { type DynamicModule, Module, type ModuleMetadata, type Provider, type Type } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { DatabaseModule, type OwnDatabase } from '../database/database.module.js';
import { LATCHKEY_ENTITIES } from '../entities.js';
import { BasicStrategy } from './basic.strategy.js';
import { TokenStrategy } from './token.strategy.js';

export interface HostDatabase {
  /** The name of the host's DataSource, which lists LATCHKEY_ENTITIES and LATCHKEY_MIGRATIONS; "default" for the unnamed. */
  readonly dataSource: string;
}

export interface AuthModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: (Type | string | symbol)[];
  readonly useFactory: (...injected: never[]) => OwnDatabase | Promise<OwnDatabase>;
}

const OPTIONS = Symbol('LATCHKEY_OPTIONS');

/**
 * What a Nest app imports to let API keys in: the two Passport strategies, and the services behind them. Brings no
 * route and no global guard. The tables live in a database of Latchkey's own, on a DataSource named "latchkey", or in
 * the host's.
 */
@Module({
  imports: [ApiKeysModule],
  providers: [TokenStrategy, BasicStrategy],
  exports: [ApiKeysModule],
})
export class AuthModule {
  static forRoot(options: OwnDatabase | HostDatabase): DynamicModule {
    if ('dataSource' in options) return { module: AuthModule, imports: [DatabaseModule.forHost(options.dataSource)] };
    return ownDatabase({ provide: OPTIONS, useValue: options });
  }

  static forRootAsync({ imports, inject = [], useFactory }: AuthModuleAsyncOptions): DynamicModule {
    return ownDatabase({ provide: OPTIONS, inject, useFactory: useFactory as () => OwnDatabase }, imports);
  }
}

function ownDatabase(options: Provider<OwnDatabase>, imports?: ModuleMetadata['imports']): DynamicModule {
  return { module: AuthModule, imports: [DatabaseModule.forOwn(LATCHKEY_ENTITIES, options, imports)] };
}
