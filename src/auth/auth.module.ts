import { type DynamicModule, Module, type ModuleMetadata, type Provider, type Type } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AuditModule } from '../audit/audit.module.js';
import type { AuditOptions } from '../audit/audit-options.js';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { LATCHKEY_OPTIONS, type OwnDatabase } from '../database/own-database.js';
import { LATCHKEY_ENTITIES } from '../entities.js';
import type { SecretRules } from '../api-keys/secret-options.js';
import { UsageModule } from '../usage/usage.module.js';
import type { UsageOptions } from '../usage/usage.service.js';
import { VerificationModule } from '../verification/verification.module.js';
import type { VerifierOptions } from '../verification/verifier-options.js';
import { BasicStrategy } from './basic.strategy.js';
import { Schemes } from './schemes.js';
import { TokenStrategy } from './token.strategy.js';
import { UnenforcedDecorators } from './unenforced.js';

/** What every installation may choose. */
interface Options extends VerifierOptions, SecretRules, AuditOptions, UsageOptions {
  /** The scopes that the app's own routes need, each with a description: `{ 'reports:read': 'Read reports' }`. */
  readonly scopes?: Readonly<Record<string, string>>;
}

export type OwnDatabaseOptions = OwnDatabase & Options;

export interface HostDatabase extends Options {
  /**
   * The name of the host's DataSource, which lists LATCHKEY_ENTITIES and LATCHKEY_MIGRATIONS; "default" for the
   * unnamed.
   */
  readonly dataSource: string;
}

export interface AuthModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: (Type | string | symbol)[];
  readonly useFactory: (...injected: never[]) => OwnDatabaseOptions | Promise<OwnDatabaseOptions>;
}

/**
 * What a Nest app imports to accept API keys: the two Passport strategies, and the services behind them. It adds no route
 * and no global guard. The tables are in a database of Latchkey's own, on a DataSource named "latchkey", or in the host's.
 */
@Module({
  imports: [ApiKeysModule, AuditModule, UsageModule, VerificationModule, DiscoveryModule],
  providers: [TokenStrategy, BasicStrategy, Schemes, UnenforcedDecorators],
  exports: [ApiKeysModule, AuditModule, UsageModule, VerificationModule],
})
export class AuthModule {
  static forRoot(options: OwnDatabaseOptions | HostDatabase): DynamicModule {
    if ('dataSource' in options) return { module: AuthModule, imports: [DatabaseModule.forHost(options)] };
    return ownDatabase({ provide: LATCHKEY_OPTIONS, useValue: options });
  }

  static forRootAsync({ imports, inject = [], useFactory }: AuthModuleAsyncOptions): DynamicModule {
    return ownDatabase(
      { provide: LATCHKEY_OPTIONS, inject, useFactory: useFactory as () => OwnDatabaseOptions },
      imports,
    );
  }
}

function ownDatabase(options: Provider<OwnDatabase>, imports?: ModuleMetadata['imports']): DynamicModule {
  return { module: AuthModule, imports: [DatabaseModule.forOwn(LATCHKEY_ENTITIES, options, imports)] };
}
