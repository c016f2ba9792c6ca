import type { ApiKeysService } from '../api-keys/api-keys.service.js';
import type { AccountsService } from '../sessions/accounts.service.js';
import type { RolesService } from '../users/roles.service.js';
import type { UsersService } from '../users/users.service.js';
import type { Output } from './output.js';

/** What commands work with. */
export interface Core {
  readonly users: UsersService;
  readonly roles: RolesService;
  readonly apiKeys: ApiKeysService;
  readonly accounts: AccountsService;
}

/** Runs `work` on the core and the database that the environment names, and closes it again. */
export async function withCore<T>(output: Output, work: (core: Core) => Promise<T>): Promise<T> {
  // Loaded when it is needed: a shell that starts asks for its completion, and people for help.
  const { openCore } = await import('./open-core.js');
  const { core, close } = await openCore(output);
  try {
    return await work(core);
  } finally {
    await close();
  }
}
