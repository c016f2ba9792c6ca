import { type CanActivate, type DynamicModule, type INestApplication, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiKeysService, AuthModule, OPERATOR, type SecretOptions, UsersService } from '../../src/index.js';
import { freshDatabase, newName, type TestDatabase } from './app.js';
import { client, type Client } from './http.js';

/** A Nest app that is not ours, with our module in it. */
export interface Host {
  readonly app: INestApplication;
  readonly call: Client;
  /** All that it has logged. */
  readonly log: string[];
  /** A new user with that role: the user's name, and the token. */
  token(...roles: string[]): Promise<{ name: string; token: string }>;
  /** Another secret of that user, under a name of its own. */
  secret(user: string, may: SecretOptions): Promise<string>;
  close(): Promise<void>;
}

export interface HostOptions {
  readonly controllers: Type[];
  readonly providers?: DynamicModule['providers'];
  readonly globalGuards?: (app: INestApplication) => CanActivate[];
  readonly database?: TestDatabase;
  /** Of `AuthModule.forRoot`. */
  readonly scopes?: Record<string, string>;
  readonly limits?: boolean;
  readonly adapter?: FastifyAdapter;
}

@Module({})
class HostModule {}

export async function startHost({
  controllers,
  providers,
  globalGuards,
  database,
  scopes,
  limits,
  adapter = new FastifyAdapter(),
}: HostOptions): Promise<Host> {
  const fresh = database ?? (await freshDatabase());
  const imports = [AuthModule.forRoot({ database: fresh.url, scopes, limits })];
  const log: string[] = [];
  // The servers of tests are quick, and not safe from a crash.
  const write = (...words: unknown[]) => {
    const line = words.join(' ');
    if (!line.startsWith('A crash of the database')) log.push(line);
  };
  const logger = { log() {}, warn: write, error: write, fatal: write };
  const root = { module: HostModule, imports, controllers, ...(providers && { providers }) };
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, { logger, abortOnError: false });
  if (globalGuards) app.useGlobalGuards(...globalGuards(app));
  await app.listen(0, '127.0.0.1');
  const users = app.get(UsersService);
  const apiKeys = app.get(ApiKeysService);
  return {
    app,
    call: client(await app.getUrl()),
    log,
    async token(...roles) {
      const name = newName();
      await users.ensure(OPERATOR, { name, roles });
      const { apiKey, apiSecret } = await apiKeys.generate(OPERATOR, { user: name });
      return { name, token: `token ${apiKey}:${apiSecret}` };
    },
    async secret(user, may) {
      const { apiKey, apiSecret } = await apiKeys.generate(OPERATOR, { user, name: crypto.randomUUID(), ...may });
      return `token ${apiKey}:${apiSecret}`;
    },
    async close() {
      await app.close();
      if (!database) await fresh.remove();
    },
  };
}
