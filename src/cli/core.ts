import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ApiKeysService } from '../api-keys/api-keys.service.js';
import type { AuditService } from '../audit/audit.service.js';
import type { ScopesService } from '../api-keys/scopes.service.js';
import { loadConfig } from '../config.js';
import { parseDatabaseUrl } from '../database/database-url.js';
import { isFile } from '../database/engines/engine.js';
import type { AccountsService } from '../sessions/accounts.service.js';
import type { RolesService } from '../users/roles.service.js';
import type { UsageService } from '../usage/usage.service.js';
import type { UsersService } from '../users/users.service.js';
import type { Output } from './output.js';

/** What commands work with. */
export interface Core {
  readonly users: UsersService;
  readonly roles: RolesService;
  readonly apiKeys: ApiKeysService;
  readonly scopes: ScopesService;
  readonly accounts: AccountsService;
  readonly audit: AuditService;
  readonly usage: UsageService;
}

export interface Opening {
  /** Makes the SQLite file where there is none: for what a new database can be begun with. */
  readonly make?: boolean;
}

/** Runs `work` on the core and the database that the environment names, and closes it again. */
export async function withCore<T>(output: Output, work: (core: Core) => Promise<T>, opening: Opening = {}): Promise<T> {
  lookForFile(output, opening);
  // Loaded when it is needed: a shell that starts asks for its completion, and people for help.
  const { openCore } = await import('./open-core.js');
  const { core, close } = await openCore(output);
  try {
    return await work(core);
  } finally {
    await close();
  }
}

/** In the wrong folder, a command would otherwise work on a database of its own and seem to have succeeded. */
function lookForFile({ err }: Output, { make }: Opening): void {
  const target = parseDatabaseUrl(loadConfig().database.url);
  const path = isFile(target) ? resolve(target.path) : undefined;
  if (path === undefined || existsSync(path)) return;
  const remedy = 'run this in the folder of the server, or set DATABASE_URL to the database';
  if (!make) throw new Error(`There is no database at ${path}; ${remedy}.`);
  err(`latchkey: there was no database at ${path}; made a new one\n`);
}
