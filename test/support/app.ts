import { appendFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { ApiKeysService, type NewSecret } from '../../src/api-keys/api-keys.service.js';
import { createApp } from '../../src/app.js';
import { type Config, loadConfig } from '../../src/config.js';
import { LATCHKEY_DATA_SOURCE } from '../../src/database/database.js';
import { makeLogger } from '../../src/operations/logger.js';
import { OPERATOR } from '../../src/users/principal.js';
import { AccountsService } from '../../src/sessions/accounts.service.js';
import { UsersService } from '../../src/users/users.service.js';
import { client, type Client } from './http.js';
import { requireInvalidations } from './invalidations.js';

export const ENGINE = (process.env.TEST_ENGINE ?? 'sqlite') as 'sqlite' | 'mysql' | 'mariadb';

/** A new database on the engine of this run. */
export interface TestDatabase {
  readonly url: string;
  remove(): Promise<void>;
}

export async function freshDatabase(server = process.env.TEST_SERVER_URL): Promise<TestDatabase> {
  if (ENGINE === 'sqlite') {
    const dir = mkdtempSync(join(tmpdir(), 'latchkey-sqlite-'));
    return { url: `sqlite:${dir}/latchkey.sqlite`, remove: async () => rmSync(dir, { recursive: true, force: true }) };
  }
  const name = `lk_test_${crypto.randomUUID().replaceAll('-', '')}`;
  const root = async (sql: string) => {
    const { hostname, port, username, password } = new URL(server!);
    const options = { type: 'mysql' as const, host: hostname, port: Number(port), username, password };
    const dataSource = await new DataSource({ ...options, database: 'mysql' }).initialize();
    await dataSource.query(sql);
    await dataSource.destroy();
  };
  await root(`CREATE DATABASE ${name}`);
  return { url: `${server}/${name}`, remove: () => root(`DROP DATABASE ${name}`) };
}

/** The token, the pair, and who owns it. */
export interface TestKey {
  readonly user: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly token: string;
}

export interface TestSecret extends TestKey {
  readonly id: string;
}

export interface TestApp {
  readonly app: NestFastifyApplication;
  readonly database: TestDatabase;
  readonly dataSource: DataSource;
  readonly users: UsersService;
  readonly apiKeys: ApiKeysService;
  readonly accounts: AccountsService;
  readonly url: string;
  readonly call: Client;
  /** All log lines so far. */
  readonly log: Record<string, unknown>[];
  /** Those of one request, when its last one is there: that is written after the answer. */
  linesOf(requestId: unknown): Promise<Record<string, unknown>[]>;
  /** A new user with a key, by the operator. */
  key(roles?: string[], name?: string): Promise<TestKey>;
  keyOf(user: string): Promise<TestKey>;
  /** Another secret of that user, by the operator, under a name of its own unless one is given. */
  secret(user: string, may: Omit<NewSecret, 'overlapSeconds'>): Promise<TestSecret>;
  close(): Promise<void>;
}

let count = 0;
export function newName(): string {
  return `user${++count}.${process.pid}@example.com`;
}

/** Latchkey itself, over a fresh database, on a free port. */
export async function startApp(overrides: Partial<Config> = {}, database?: TestDatabase): Promise<TestApp> {
  const fresh = database ?? (await freshDatabase());
  const log: Record<string, unknown>[] = [];
  const file = process.env.TEST_LOG_DIR && join(process.env.TEST_LOG_DIR, `${ENGINE}-${process.pid}.log`);
  const logger = makeLogger('debug', {
    write(lines: string) {
      for (const line of lines.trimEnd().split('\n')) log.push(JSON.parse(line));
      if (file) appendFileSync(file, lines);
    },
  });
  const config = {
    ...loadConfig({ PORT: '0', DATABASE_URL: fresh.url, DRAIN_DELAY_MS: '0', BAD_CREDENTIALS_PER_MINUTE: '0' }),
    ...overrides,
  };
  const app = await createApp(config, logger);
  const dataSource = app.get<DataSource>(LATCHKEY_DATA_SOURCE);
  requireInvalidations(dataSource);
  await app.listen(config.port, config.host);
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  const users = app.get(UsersService);
  const apiKeys = app.get(ApiKeysService);
  const keyOf = async (user: string): Promise<TestKey> => {
    const { apiKey, apiSecret } = await apiKeys.generate(OPERATOR, { user });
    return { user, apiKey, apiSecret, token: `token ${apiKey}:${apiSecret}` };
  };
  return {
    app,
    database: fresh,
    dataSource,
    users,
    apiKeys,
    accounts: app.get(AccountsService),
    url,
    call: client(url),
    log,
    async linesOf(requestId) {
      for (;;) {
        const lines = log.filter((line) => line.requestId === requestId);
        if (lines.at(-1)?.msg === 'request') return lines;
        await delay(5);
      }
    },
    keyOf,
    async key(roles = [], name = newName()) {
      await users.ensure(OPERATOR, { name, fullName: 'Some Body', roles });
      return keyOf(name);
    },
    async secret(user, may) {
      const name = crypto.randomUUID();
      const { apiKey, apiSecret, secretId } = await apiKeys.generate(OPERATOR, { user, name, ...may });
      return { user, apiKey, apiSecret, token: `token ${apiKey}:${apiSecret}`, id: secretId };
    },
    async close() {
      await app.close();
      if (!database) await fresh.remove();
    },
  };
}
