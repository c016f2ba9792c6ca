import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { hash } from 'node:crypto';
import { DataSource, type QueryRunner } from 'typeorm';
import { makeApiKey, makeApiSecret } from '../../src/api-keys/api-secret.js';
import { dataSourceOptions } from '../../src/database/data-source.js';
import { migrate } from '../../src/database/migrate.js';
import { CreateTables1764000000000 } from '../../src/database/migrations/1764000000000-create-tables.js';
import { SeveralSecrets1767000000000 } from '../../src/database/migrations/1767000000000-several-secrets.js';
import { AuditTrail1770000000000 } from '../../src/database/migrations/1770000000000-audit-trail.js';
import { UsageAndLimits1773000000000 } from '../../src/database/migrations/1773000000000-usage-and-limits.js';
import { LATCHKEY_ENTITIES } from '../../src/entities.js';
import { Passwords } from '../../src/sessions/passwords.js';
import { makeSessionSecret } from '../../src/sessions/session-secret.js';
import { OPERATOR } from '../../src/users/principal.js';
import { ENGINE, freshDatabase, startApp, type TestApp, type TestDatabase } from '../support/app.js';

/** A database of the version whose keys had one secret each, and what has become of it in this one. */

const DAY = 24 * 60 * 60_000;
const NOW = Date.now();
const USED = NOW - 3 * DAY;
const PASSWORD = 'a password to test with';
const sha256 = (text: string) => hash('sha256', text);

/** Who is there, and which secrets each has, newest first. */
const USERS = {
  'manager@example.com': { roles: ['System Manager'], secrets: ['used', 'replaced'] },
  'reader@example.com': { roles: ['Reader'], secrets: ['ending', 'revoked'] },
  'expired@example.com': { roles: [], secrets: ['expired'] },
  'revoked@example.com': { roles: [], secrets: ['revoked'] },
  'disabled@example.com': { roles: [], secrets: ['live'], enabled: 0 },
  'keyless@example.com': { roles: [], secrets: [] },
} as const;
const KINDS = {
  live: {},
  used: { last_used_at: USED },
  ending: { expires_at: NOW + 30 * DAY },
  expired: { expires_at: NOW - DAY, last_used_at: USED },
  revoked: { revoked_at: NOW - DAY, revoked_by: 'Administrator' },
  replaced: { revoked_at: NOW - DAY },
};
type Kind = keyof typeof KINDS;

/** What each secret has opened before the upgrade, and opens after it. */
const GOOD = ['manager@example.com used', 'reader@example.com ending'];

let database: TestDatabase;
let dataSource: DataSource;
let latchkey: TestApp | undefined;
/** By user and kind. */
let tokens: Map<string, { apiKey: string; apiSecret: string; id: string }>;
let session: string;

beforeEach(async () => {
  database = await freshDatabase();
  dataSource = await open();
  await dataSource.runMigrations({ transaction: 'none' });
  await populate();
});
afterEach(async () => {
  await latchkey?.close();
  latchkey = undefined;
  await dataSource.destroy();
  await database.remove();
});

/** As the version before: its migration, and no entities. */
async function open(): Promise<DataSource> {
  const options = dataSourceOptions({ url: database.url }, []);
  return new DataSource({ ...options, migrations: [CreateTables1764000000000] }).initialize();
}

async function insert(table: string, row: Record<string, unknown>): Promise<void> {
  const columns = Object.keys(row);
  const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
  await dataSource.query(sql, Object.values(row));
}

const secretRow = (apiKey: string, { id, apiSecret }: { id: string; apiSecret: string }) => ({
  id,
  api_key: apiKey,
  algorithm: 'sha256',
  digest: sha256(apiSecret),
  hint: apiSecret.slice(-4),
  created_by: 'Administrator',
});

/** Rows as that version has written them. */
async function populate(): Promise<void> {
  tokens = new Map();
  await insert('lk_roles', { name: 'Reader' });
  const at = NOW - 60 * DAY;
  for (const [name, { roles, secrets, ...rest }] of Object.entries(USERS)) {
    const userId = crypto.randomUUID();
    await insert('lk_users', {
      id: userId,
      name,
      full_name: 'Some Body',
      full_name_key: 'some body',
      enabled: 'enabled' in rest ? rest.enabled : 1,
      version: 3,
      created_at: at,
      updated_at: at,
    });
    for (const word of [name, 'some', 'body']) await insert('lk_user_words', { user_id: userId, word });
    for (const role of roles) await insert('lk_user_roles', { user_id: userId, role });
    if (secrets.length === 0) continue;
    const apiKey = makeApiKey();
    const used = { last_used_at: secrets.some((kind) => 'last_used_at' in KINDS[kind]) ? USED : null };
    await insert('lk_api_keys', {
      api_key: apiKey,
      user_id: userId,
      created_at: at,
      created_by: 'Administrator',
      ...used,
    });
    for (const [i, kind] of secrets.entries()) {
      const made = { id: crypto.randomUUID(), apiSecret: makeApiSecret() };
      await insert('lk_api_secrets', { ...secretRow(apiKey, made), created_at: at - i, ...KINDS[kind] });
      tokens.set(`${name} ${kind}`, { apiKey, ...made });
    }
    if (name !== 'reader@example.com') continue;
    session = makeSessionSecret();
    await insert('lk_passwords', { user_id: userId, hash: await new Passwords().hash(PASSWORD) });
    await insert('lk_sessions', {
      id: crypto.randomUUID(),
      digest: sha256(session),
      user_id: userId,
      address: '192.0.2.7',
      user_agent: 'an agent',
      created_at: NOW - DAY / 2,
      last_seen_at: NOW - DAY / 4,
      expires_at: NOW + DAY,
    });
  }
  // The key of a user who was deleted stays reserved.
  await insert('lk_api_keys', { api_key: makeApiKey(), created_at: at, created_by: 'Administrator' });
}

/** The keys whose secrets open the server. */
async function opened(app: TestApp): Promise<string[]> {
  const good: string[] = [];
  for (const [what, { apiKey, apiSecret }] of tokens) {
    const { status } = await app.call('GET', '/v1/me', { auth: `token ${apiKey}:${apiSecret}` });
    if (status === 200) good.push(what);
    else expect([what, status]).toEqual([what, 401]);
  }
  return good;
}

async function expectAllAsBefore(app: TestApp): Promise<void> {
  expect(await opened(app)).toEqual(GOOD);
  const cookie = `sid=${session}`;
  const me = await app.call('GET', '/v1/me', { headers: { cookie } });
  expect(me.json).toMatchObject({ name: 'reader@example.com', roles: ['Reader'], credential: { type: 'session' } });
  const manager = tokens.get('manager@example.com used')!;
  const auth = `token ${manager.apiKey}:${manager.apiSecret}`;
  expect((await app.call('GET', '/v1/me', { auth })).json).toEqual({
    name: 'manager@example.com',
    fullName: 'Some Body',
    roles: ['System Manager'],
    credential: {
      type: 'api-key',
      apiKey: manager.apiKey,
      secretId: manager.id,
      secretName: 'default',
      scopes: null,
      limits: null,
    },
  });
  const states = { used: 'live', live: 'live', ending: 'live', replaced: 'revoked' } as Record<Kind, string>;
  const { data } = (await app.call('GET', '/v1/secrets?limit=100', { auth })).json;
  expect(data).toHaveLength(tokens.size);
  for (const [what, { apiKey, id }] of tokens) {
    const [user, kind] = what.split(' ') as [string, Kind];
    const {
      expires_at = null,
      revoked_at = null,
      revoked_by = null,
      last_used_at = null,
    } = KINDS[kind] as Record<string, number | undefined>;
    const time = (ms: number | null) => ms && new Date(ms).toISOString();
    const { createdAt: _, hint: __, lastUsedAt, ...seen } = data.find((each: { id: string }) => each.id === id);
    expect(seen).toEqual({
      id,
      apiKey,
      user,
      name: 'default',
      state: states[kind] ?? kind,
      limits: null,
      scopes: null,
      allowedNetworks: null,
      createdBy: 'Administrator',
      expiresAt: time(expires_at),
      revokedAt: time(revoked_at),
      revokedBy: revoked_by,
      lastUsedFrom: null,
      replaces: null,
    });
    expect(lastUsedAt).toBe(time(last_used_at)); // what was used here is written later
  }
}

it('all tokens and the session behave as before, each secret is "default", and what comes next works', async () => {
  const runs = await Promise.all([1, 2, 3].map(() => migrate({ url: database.url }, LATCHKEY_ENTITIES)));
  expect(runs.flat()).toEqual([
    'SeveralSecrets1767000000000',
    'AuditTrail1770000000000',
    'UsageAndLimits1773000000000',
  ]);
  latchkey = await startApp({ migrateOnStart: false }, database);
  expect((await latchkey.dataSource.driver.createSchemaBuilder().log()).upQueries).toEqual([]);
  await expectAllAsBefore(latchkey);
  const logIn = await latchkey.call('POST', '/v1/session', {
    json: { user: 'reader@example.com', password: PASSWORD },
  });
  expect(logIn.status).toBe(201);
  // What is generated takes the place of the old one, and inherits its lifetime.
  const { apiKey, id, apiSecret } = tokens.get('reader@example.com ending')!;
  const next = await latchkey.apiKeys.generate(OPERATOR, { user: 'reader@example.com', overlapSeconds: 60 });
  expect(next).toMatchObject({ apiKey, name: 'default', scopes: null, replaced: { id }, otherNames: [] });
  expect(next.expiresAt!.getTime() - next.createdAt.getTime()).toBe(90 * DAY);
  for (const secret of [apiSecret, next.apiSecret]) {
    expect((await latchkey.call('GET', '/v1/me', { auth: `token ${apiKey}:${secret}` })).status).toBe(200);
  }
});

it('the start does it too, and a process of the version before goes on with the tables as they are then', async () => {
  latchkey = await startApp({}, database);
  await expectAllAsBefore(latchkey);
  const { apiKey } = tokens.get('revoked@example.com revoked')!;
  const made = { id: crypto.randomUUID(), apiSecret: makeApiSecret() };
  await insert('lk_api_secrets', { ...secretRow(apiKey, made), created_at: NOW });
  await latchkey.users.update(OPERATOR, 'revoked@example.com', { fullName: 'Another' }); // as that one tells of its change
  const { status, json } = await latchkey.call('GET', '/v1/me', { auth: `token ${apiKey}:${made.apiSecret}` });
  expect([status, json.credential]).toEqual([200, expect.objectContaining({ secretName: 'default', scopes: null })]);
});

it.each([
  { name: 'several secrets', Migration: SeveralSecrets1767000000000, before: [], statements: 7 + 7 + 1 + 9 },
  {
    name: 'the audit trail',
    Migration: AuditTrail1770000000000,
    before: [SeveralSecrets1767000000000],
    statements: ENGINE === 'sqlite' ? 3 + 1 + 8 : 3 + 1,
  },
  {
    name: 'usage and limits',
    Migration: UsageAndLimits1773000000000,
    before: [SeveralSecrets1767000000000, AuditTrail1770000000000],
    statements: ENGINE === 'sqlite' ? 3 + 4 + 1 + 1 : 3 + 1 + 1,
  },
])(
  '$name: it can be interrupted after any of its statements, and repeated',
  async ({ Migration, before, statements }) => {
    const runner = dataSource.createQueryRunner();
    for (const Earlier of before) await new Earlier().up(runner);
    const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
    /** What has been done. Each run is cut off after one statement more. */
    const done = new Set<string>();
    runner.query = (async (...args: unknown[]) => {
      const result = await query(...args);
      const statement = JSON.stringify(args.slice(0, 2));
      if (/^\s*(ALTER|CREATE|INSERT|UPDATE)/i.test(args[0] as string) && !done.has(statement)) {
        done.add(statement);
        throw new Error('cut off');
      }
      return result;
    }) as QueryRunner['query'];
    const run = () =>
      new Migration().up(runner).then(
        () => 'done',
        (error: Error) => error.message,
      );
    let outcome = await run();
    while (outcome === 'cut off') outcome = await run();
    expect(outcome).toBe('done');
    await runner.release();
    expect(done.size).toBe(statements); // columns, indices, tables and their rows
    latchkey = await startApp({}, database);
    expect((await latchkey.dataSource.driver.createSchemaBuilder().log()).upQueries).toEqual([]);
    expect(await latchkey.dataSource.query('SELECT name FROM lk_scopes')).toHaveLength(9);
    await expectAllAsBefore(latchkey);
  },
);

it('it can be taken back and made again; what may not everything is revoked by that', async () => {
  const columns = async () => {
    const runner = dataSource.createQueryRunner();
    const table = await runner.getTable('lk_api_secrets');
    const names = [table!.columns, table!.indices].map((all) => all.map(({ name }) => name).toSorted());
    const revision = await runner.getTable('lk_revision');
    const hasTables = [
      await runner.hasTable('lk_scopes'),
      await runner.hasTable('lk_audit'),
      await runner.hasTable('lk_usage'),
    ];
    await runner.release();
    return [...names, revision!.columns.map(({ name }) => name), hasTables];
  };
  const before = await columns();
  latchkey = await startApp({}, database);
  const narrow = await latchkey.secret('keyless@example.com', { scopes: [] });
  const near = await latchkey.secret('expired@example.com', { name: 'near', allowedNetworks: ['127.0.0.1'] });
  const wide = await latchkey.secret('revoked@example.com', { name: 'wide' });
  const rare = await latchkey.secret('revoked@example.com', { name: 'rare', limits: [{ requests: 1, seconds: 60 }] });
  await latchkey.close();
  latchkey = undefined;
  const back = await new DataSource(dataSourceOptions({ url: database.url }, [])).initialize();
  for (const _ of [1, 2, 3]) await back.undoLastMigration({ transaction: 'none' });
  await back.destroy();
  expect(await columns()).toEqual(before);
  const live: { id: string }[] = await dataSource.query('SELECT id FROM lk_api_secrets WHERE revoked_at IS NULL');
  const ids = live.map(({ id }) => id);
  expect(ids).toContain(wide.id);
  expect(ids).not.toContain(narrow.id);
  expect(ids).not.toContain(near.id);
  expect(ids).not.toContain(rare.id);
  latchkey = await startApp({}, database);
  expect(await opened(latchkey)).toEqual(GOOD);
  const status = async (token: string) => (await latchkey!.call('GET', '/v1/me', { auth: token })).status;
  expect([await status(wide.token), await status(narrow.token), await status(near.token)]).toEqual([200, 401, 401]);
  expect((await latchkey.dataSource.driver.createSchemaBuilder().log()).upQueries).toEqual([]);
});
