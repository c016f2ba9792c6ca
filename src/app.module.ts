import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD, APP_PIPE, Reflector } from '@nestjs/core';
import { AuthModule } from './auth/auth.module.js';
import { ForgeryGuard } from './auth/forgery.guard.js';
import { RolesGuard } from './auth/roles.guard.js';
import { ServerAuthGuard } from './auth/server-auth.guard.js';
import { SessionAuthModule } from './auth/session-auth.module.js';
import type { Config } from './config.js';
import { FrappeModule } from './frappe/frappe.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { RestModule } from './rest/rest.module.js';
import { DtoPipe } from './rest/validation.js';

/** In a worker, `metrics` says that the primary serves them. */
export type AppConfig = Omit<Config, 'metrics'> & { readonly metrics: Config['metrics'] | 'primary' };

/** Latchkey as a server: which interfaces there are, and that every route is closed unless it says otherwise. */
@Module({})
export class AppModule {
  static forRoot(config: AppConfig): DynamicModule {
    const { database, migrateOnStart, publicUrl } = config;
    const { maxCachedKeys, badCredentialsPerMinute, recordAddresses, maxSecretDays, auditDays, usageDays } = config;
    return {
      module: AppModule,
      imports: [
        AuthModule.forRoot({
          database,
          migrate: migrateOnStart,
          maxCachedKeys,
          badCredentialsPerMinute,
          recordAddresses,
          maxSecretDays,
          auditDays,
          usageDays,
        }),
        SessionAuthModule.forRoot(publicUrl),
        RestModule,
        FrappeModule.forRoot(publicUrl),
        OperationsModule.forRoot(config),
      ],
      providers: [
        { provide: APP_GUARD, useClass: ServerAuthGuard },
        {
          provide: APP_GUARD,
          inject: [Reflector],
          useFactory: (reflector: Reflector) => new ForgeryGuard(reflector, publicUrl),
        },
        { provide: APP_GUARD, useClass: RolesGuard },
        { provide: APP_PIPE, useClass: DtoPipe },
      ],
    };
  }
}
