import type { LoggerService } from '@nestjs/common';
import { ApiKeysService } from '../api-keys/api-keys.service.js';
import { AuditService } from '../audit/audit.service.js';
import { ScopesService } from '../api-keys/scopes.service.js';
import { loadConfig } from '../config.js';
import { Database } from '../database/database.js';
import { openOwnDatabase } from '../database/own-database.js';
import { LATCHKEY_ENTITIES } from '../entities.js';
import { Logger } from '../nest-core.js';
import { AccountsService } from '../sessions/accounts.service.js';
import { Guesses } from '../sessions/guesses.js';
import { Passwords } from '../sessions/passwords.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { RolesService } from '../users/roles.service.js';
import { UsageService } from '../usage/usage.service.js';
import { UsersService } from '../users/users.service.js';
import type { Core } from './core.js';
import type { Output } from './output.js';

/**
 * The core on the database that the environment names, and what closes it. Put together by hand: Nest would take a third
 * of the time of a command.
 */
export async function openCore({ err }: Output): Promise<{ core: Core; close: () => Promise<void> }> {
  Logger.overrideLogger(auditTo(err));
  const { database: options, migrateOnStart, maxSecretDays } = loadConfig();
  const dataSource = await openOwnDatabase({ database: options, migrate: migrateOnStart }, LATCHKEY_ENTITIES);
  const database = new Database(dataSource);
  const roles = new RolesService(database);
  const users = new UsersService(database, roles);
  const passwords = new Passwords();
  const sessions = new SessionsService(database, users, passwords, new Guesses());
  const apiKeys = new ApiKeysService(database, users, { maxSecretDays });
  const core = {
    users,
    roles,
    apiKeys,
    scopes: new ScopesService(database),
    accounts: new AccountsService(users, sessions, passwords),
    audit: new AuditService(database),
    usage: new UsageService(database, apiKeys, users),
  };
  return { core, close: () => dataSource.destroy() };
}

/**
 * The line that each change leaves, as the server writes it, on stderr: stdout is for the result. What goes wrong is
 * thrown, and said once.
 */
function auditTo(err: Output['err']): LoggerService {
  const silent = () => undefined;
  const log = (message: unknown) => {
    if (typeof message !== 'object') return; // a migration, as a text
    err(`${JSON.stringify({ level: 'info', time: new Date().toISOString(), ...message })}\n`);
  };
  return { log, warn: silent, error: silent, fatal: silent };
}
