import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { ApiKeysService } from '../api-keys/api-keys.service.js';
import { loadConfig } from '../config.js';
import { DatabaseModule } from '../database/database.module.js';
import { LATCHKEY_ENTITIES } from '../entities.js';
import { UsersService } from '../users/users.service.js';

@Module({})
class CommandModule {}

/** What commands work with. */
export interface Core {
  readonly users: UsersService;
  readonly apiKeys: ApiKeysService;
}

/** Runs `work` on the core and the database that the environment names, and closes it again. */
export async function withCore<T>(work: (core: Core) => Promise<T>): Promise<T> {
  const { database, migrateOnStart } = loadConfig();
  const options = { provide: Symbol('OPTIONS'), useValue: { database, migrate: migrateOnStart } };
  const imports = [DatabaseModule.forOwn(LATCHKEY_ENTITIES, options), ApiKeysModule];
  const app: INestApplicationContext = await NestFactory.createApplicationContext(
    { module: CommandModule, imports },
    // What goes wrong is thrown, and said once.
    { logger: false, abortOnError: false },
  );
  try {
    return await work({ users: app.get(UsersService), apiKeys: app.get(ApiKeysService) });
  } finally {
    await app.close();
  }
}
