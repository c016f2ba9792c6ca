import { type LoggerService, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { ApiKeysService } from '../api-keys/api-keys.service.js';
import { loadConfig } from '../config.js';
import { DatabaseModule, LATCHKEY_OPTIONS } from '../database/database.module.js';
import { LATCHKEY_ENTITIES } from '../entities.js';
import { AccountsService } from '../sessions/accounts.service.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { RolesService } from '../users/roles.service.js';
import { UsersService } from '../users/users.service.js';
import type { Core } from './core.js';
import type { Output } from './output.js';

@Module({})
class CommandModule {}

/** The core on the database that the environment names, and what closes it. */
export async function openCore({ err }: Output): Promise<{ core: Core; close: () => Promise<void> }> {
  const { database, migrateOnStart } = loadConfig();
  const options = { provide: LATCHKEY_OPTIONS, useValue: { database, migrate: migrateOnStart, maxCachedKeys: 0 } };
  const imports = [DatabaseModule.forOwn(LATCHKEY_ENTITIES, options), ApiKeysModule, SessionsModule];
  const app = await NestFactory.createApplicationContext(
    { module: CommandModule, imports },
    { logger: auditTo(err), abortOnError: false },
  );
  const core = {
    users: app.get(UsersService),
    roles: app.get(RolesService),
    apiKeys: app.get(ApiKeysService),
    accounts: app.get(AccountsService),
  };
  return { core, close: () => app.close() };
}

/**
 * The line that each change leaves, as the server writes it, on stderr: stdout is for the result. What goes wrong is
 * thrown, and said once.
 */
function auditTo(err: Output['err']): LoggerService {
  const silent = () => undefined;
  const log = (message: unknown) => {
    if (typeof message !== 'object') return; // Nest tells of its start in texts
    err(`${JSON.stringify({ level: 'info', time: new Date().toISOString(), ...message })}\n`);
  };
  return { log, warn: silent, error: silent, fatal: silent };
}
