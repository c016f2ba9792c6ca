import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source.js';
import { LATCHKEY_MIGRATIONS, NEWEST_COLUMN } from '../../src/database/migrations/index.js';
import { LATCHKEY_ENTITIES } from '../../src/entities.js';
import { ENGINE, freshDatabase, startApp, type TestApp, type TestDatabase } from '../support/app.js';
import { latchkeyHere } from '../support/command.js';
import { latchkey as command, run } from '../support/process.js';

const GENERATE = 'frappe.core.doctype.user.user.generate_keys';
const DOCUMENT = 'frappe.core.doctype.user.user';

/** What does not ask the database, or asks it nothing that another test does not, is tested on one engine. */
const everything = ENGINE === 'sqlite';

let database: TestDatabase;
let server: TestApp;
let env: Record<string, string>;
let bin: string;

/** Beside a running server, on the same database. */
beforeAll(async () => {
  database = await freshDatabase();
  server = await startApp({}, database);
  // The bins by their names, linked as npm does it.
  bin = mkdtempSync(join(tmpdir(), 'latchkey-bin-'));
  for (const name of ['latchkey', 'bench']) symlinkSync(join(process.cwd(), `bin/${name}.js`), join(bin, name));
  env = { DATABASE_URL: database.url };
  await server.key([], 'user@example.com');
});
afterAll(async () => {
  await server.close();
  await database.remove();
  rmSync(bin, { recursive: true });
});

/** A line typed into a real bash. */
const bash = (line: string) =>
  run('bash', ['-c', line], {
    ...env,
    PATH: `${bin}:${process.env.PATH}`,
    npm_config_cache: bin, // npx remembers where a folder's bins were
  });
const works = async (token: string) => (await server.call('GET', '/v1/me', { auth: `token ${token}` })).status === 200;
/** A command is a node of its own: the server learns what it has revoked within a second. */
const worksAfterASecond = async (token: string) => {
  for (const end = performance.now() + 1000; performance.now() < end; await delay(20))
    if (!(await works(token))) return false;
  return works(token);
};

/** Each spelling of the command. */
const SPELLINGS = [
  `bench execute ${GENERATE} --args "['user@example.com']"`,
  `bench execute ${DOCUMENT} --args ['user@example.com']`, // the document's own line; the shell eats the quotes
  `bench execute ${GENERATE} --args '("user@example.com",)'`,
  `bench execute ${GENERATE} --args user@example.com`,
  `bench execute ${GENERATE} --args "'user@example.com'"`,
  `bench execute ${GENERATE} --kwargs '{"user": "user@example.com"}'`,
  `bench execute ${GENERATE} --kwargs "{'user': 'user@example.com'}"`,
  `bench --site frappe.local execute ${GENERATE} --args "['user@example.com']"`,
  `latchkey bench execute ${GENERATE} --args "['user@example.com']" --site x`,
  `npx bench execute ${GENERATE} --args "['user@example.com']"`,
];

describe('bench execute', () => {
  it.each(everything ? SPELLINGS : SPELLINGS.slice(0, 1))('%s', async (line) => {
    const { code, stdout, stderr } = await bash(line);
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    // The line of each row in the audit trail; nothing else.
    const lines = stderr.trim().split('\n');
    const events = ['secret.rotated', 'secret.revoked'];
    const by = { actor: 'command', subject: 'user@example.com' };
    expect(lines.map((text) => JSON.parse(text))).toMatchObject(events.map((event) => ({ event, ...by })));
    expect(stderr).not.toContain('lks_');
    const { api_key: apiKey, api_secret: apiSecret, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({});
    expect(await works(`${apiKey}:${apiSecret}`)).toBe(true);
  });

  it('a second time gives the same key, and the old secret is dead', async () => {
    const line = `bench execute ${DOCUMENT} --args ['user@example.com']`;
    const first = JSON.parse((await bash(line)).stdout);
    const second = JSON.parse((await bash(line)).stdout);
    expect(second.api_key).toBe(first.api_key);
    expect(await worksAfterASecond(`${first.api_key}:${first.api_secret}`)).toBe(false);
    expect(await works(`${second.api_key}:${second.api_secret}`)).toBe(true);
  });

  if (everything)
    it.each([
      [`bench execute ${GENERATE} --args "['nobody@example.com']"`, 1, 'There is no user "nobody@example.com"'],
      [`bench execute ${GENERATE} --args "['Guest']"`, 1, 'Guest'],
      ['bench execute frappe.utils.now', 1, 'bench execute knows'],
      [`bench execute ${GENERATE}`, 2, 'takes one argument'],
      [`bench execute ${GENERATE} --args "['a@example.com', 'b@example.com']"`, 2, 'takes one argument'],
      [`bench execute ${GENERATE} --kwargs '{"name": "user@example.com"}'`, 2, 'takes one argument'],
      [`bench execute ${GENERATE} --kwargs 'user@example.com'`, 2, "Can't read"],
      [`bench execute ${GENERATE} --args "[['user@example.com']]"`, 2, "Can't read"],
      ['bench execute', 2, 'missing required argument'],
      ['bench', 2, 'Usage'],
      ['bench execute x --nope', 2, 'unknown option'],
    ])('%s exits with %i', async (line, expected, message) => {
      const { code, stdout, stderr } = await bash(line);
      expect([code, stdout]).toEqual([expected, '']);
      expect(stderr).toContain(message);
    });
});

describe('latchkey', () => {
  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await latchkeyHere([...args, '--json'], env);
    expect(code).toBe(0);
    for (const line of stderr.split('\n').filter(Boolean)) {
      expect(JSON.parse(line)).toMatchObject({ event: expect.any(String), actor: 'command' });
    }
    return JSON.parse(stdout);
  };

  it('makes, lists, disables and enables users', async () => {
    const made = await json('users', 'create', 'New@Example.com', '--full-name', 'New One', '--role', 'System Manager');
    expect(made).toMatchObject({
      name: 'new@example.com',
      fullName: 'New One',
      enabled: true,
      roles: ['System Manager'],
    });
    const { apiKey, apiSecret } = await json('keys', 'generate', 'new@example.com');
    expect(await works(`${apiKey}:${apiSecret}`)).toBe(true);
    expect((await json('users', 'disable', 'new@example.com')).enabled).toBe(false);
    expect(await worksAfterASecond(`${apiKey}:${apiSecret}`)).toBe(false);
    expect((await json('users', 'enable', 'new@example.com')).enabled).toBe(true);
    const names = (await json('users', 'list')).map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['Administrator', 'new@example.com', 'user@example.com']));
    expect((await command(['users', 'list'], env)).stdout).toMatch(/^NAME +FULL NAME +ENABLED +ROLES\n/);
  });

  it('generates with an expiry, lists, and revokes by key, by user and by secret', async () => {
    const generate = () => json('keys', 'generate', 'user@example.com', '--expires', '2999-01-31T00:00:00Z');
    for (const target of [
      (key: { apiKey: string }) => [key.apiKey],
      () => ['user@example.com'],
      (key: { apiKey: string; secretId: string }) => [key.apiKey, '--secret', key.secretId],
    ]) {
      const key = await generate();
      expect(key).toMatchObject({ user: 'user@example.com', expiresAt: '2999-01-31T00:00:00.000Z' });
      const [listed] = await json('keys', 'list', '--user', 'user@example.com');
      expect(listed.secrets[0]).toMatchObject({
        id: key.secretId,
        hint: key.apiSecret.slice(-4),
        createdBy: 'command',
        revokedAt: null,
      });
      expect(JSON.stringify(listed)).not.toMatch(/digest|lks_/);
      await json('keys', 'revoke', ...target(key));
      expect(await worksAfterASecond(`${key.apiKey}:${key.apiSecret}`)).toBe(false);
    }
    const text = await command(['keys', 'generate', 'user@example.com'], env);
    expect(text.stdout).toMatch(/Authorization: token lk_\w+:lks_\w+\n$/);
    expect((await command(['keys', 'list'], env)).stdout).not.toContain('lks_');
  });

  it('says what is wrong, on stderr', async () => {
    for (const [args, code, message] of [
      [['users', 'create', 'x', '--full-name', 'X'], 1, 'not an e-mail address'],
      [['users', 'create', 'user@example.com', '--full-name', 'X'], 1, 'already'],
      [['users', 'create', 'y@example.com', '--full-name', 'X', '--role', 'Nope'], 1, 'There is no role "Nope"'],
      [['users', 'create', 'y@example.com'], 2, '--full-name'],
      [['users', 'disable', 'Administrator'], 1, 'Administrator always is enabled'],
      [['keys', 'generate', 'user@example.com', '--expires', 'soon'], 1, 'ISO 8601'],
      [['keys', 'revoke', 'lk_nope'], 1, 'There is no such API key'],
      [['keys', 'revoke', 'nobody@example.com'], 1, 'has no API key'],
      [['nope'], 2, 'unknown command'],
      [[], 2, 'Usage'],
    ] as const) {
      const result = await latchkeyHere([...args], env);
      expect([args, result.code, result.stdout]).toEqual([args, code, '']);
      expect(result.stderr).toContain(message);
      expect(result.stderr).not.toMatch(/ at .*:\d+:\d+/);
    }
  });

  if (everything)
    it.each([
      'users create door@example.com --full-name Door --role "System Manager"',
      'users list',
      'users show door@example.com',
      'users disable door@example.com',
      'users enable door@example.com',
      'roles add Door',
      'users roles door@example.com --add Door',
      'users roles door@example.com --remove Door',
      'roles list',
      'roles remove Door',
      'keys generate door@example.com',
      'keys list',
      'keys show door@example.com',
      'keys revoke door@example.com',
      'users password door@example.com <<< "correct horse battery staple"',
      'bench set-admin-password <<< "correct horse battery staple"',
      'users delete door@example.com',
      'migrate',
      'db check; [ $? -le 1 ]',
      'doctor; [ $? -le 1 ]',
    ])('opens its door to a process: %s', async (line) => {
      const { code, stdout, stderr } = await bash(`latchkey ${line}`);
      expect([line, code]).toEqual([line, 0]);
      expect(stdout).not.toBe('');
      expect(stderr).not.toMatch(/ at .*:\d+:\d+/);
    });

  if (everything)
    it('teaches with --help', async () => {
      const { code, stdout } = await command(['--help'], env);
      expect(code).toBe(0);
      for (const word of ['start', 'migrate', 'users', 'roles', 'keys', 'db', 'bench', 'DATABASE_URL'])
        expect(stdout).toContain(word);
      expect((await command(['bench', 'execute', '--help'], env)).stdout).toContain(`--args "['user@example.com']"`);
      expect((await command(['--version'], env)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    });

  if (everything)
    it('completes in bash', async () => {
      const line = 'source <(latchkey completion bash); COMP_WORDS=(latchkey users cr); COMP_CWORD=2; _latchkey';
      const { code, stdout } = await bash(`${line}; echo "\${COMPREPLY[@]}"`);
      expect([code, stdout]).toEqual([0, 'create\n']);
      const wrong = await command(['completion', 'tcsh'], env);
      expect([wrong.code, wrong.stdout]).toEqual([2, '']);
    });

  it('migrates a new database, once', async () => {
    const fresh = await freshDatabase();
    const migrate = () => command(['migrate', '--json'], { DATABASE_URL: fresh.url, NODE_ENV: 'production' });
    expect(JSON.parse((await migrate()).stdout)).toEqual({ migrations: LATCHKEY_MIGRATIONS.map(({ name }) => name) });
    expect(JSON.parse((await migrate()).stdout)).toEqual({ migrations: [] });
    await fresh.remove();
  });

  it('leaves the tables of a host to their host', async () => {
    const fresh = await freshDatabase();
    const { migrationsTableName: _, ...options } = dataSourceOptions({ url: fresh.url }, LATCHKEY_ENTITIES);
    const host = await new DataSource(options as DataSourceOptions).initialize();
    await host.runMigrations();
    for (const NODE_ENV of ['production', 'development']) {
      const { code, stdout } = await command(['users', 'list'], { DATABASE_URL: fresh.url, NODE_ENV });
      expect([code, stdout]).toEqual([0, expect.stringContaining('Administrator')]);
    }
    expect(JSON.parse((await command(['migrate', '--json'], { DATABASE_URL: fresh.url })).stdout)).toEqual({
      migrations: [],
    });
    const runner = host.createQueryRunner();
    expect([await runner.hasTable('migrations'), await runner.hasTable('lk_migrations')]).toEqual([true, false]);
    await runner.release();
    await host.destroy();
    await fresh.remove();
  });

  it("says so when a host's tables lack what the newest migration adds", async () => {
    const fresh = await freshDatabase();
    const { migrationsTableName: _, ...options } = dataSourceOptions({ url: fresh.url }, LATCHKEY_ENTITIES);
    const host = await new DataSource(options as DataSourceOptions).initialize();
    await host.runMigrations();
    await host.query(`ALTER TABLE ${NEWEST_COLUMN.table} DROP COLUMN ${NEWEST_COLUMN.column}`);
    await host.destroy();
    for (const args of [
      ['users', 'list'],
      ['db', 'check'],
    ]) {
      const { code, stdout, stderr } = await command(args, { DATABASE_URL: fresh.url });
      expect([code, stdout + stderr]).toEqual([1, expect.stringContaining('list LATCHKEY_MIGRATIONS')]);
    }
    await fresh.remove();
  });

  if (everything)
    it('says so when there was no SQLite file', async () => {
      const dir = mkdtempSync(join(tmpdir(), 'latchkey-empty-'));
      const path = join(dir, 'data/latchkey.sqlite');
      for (const args of [
        ['users', 'list'],
        ['users', 'show', 'Administrator'],
        ['users', 'roles', 'Administrator'],
        ['users', 'disable', 'user@example.com'],
        ['users', 'delete', 'user@example.com'],
        ['roles', 'list'],
        ['roles', 'remove', 'Reader'],
        ['keys', 'list', '--json'],
        ['keys', 'show', 'Administrator'],
        ['keys', 'revoke', 'Administrator'],
      ]) {
        const remedy = 'run this in the folder of the server, or set DATABASE_URL to the database';
        const said = `latchkey: There is no database at ${path}; ${remedy}.\n`;
        expect(await command(args, {}, dir)).toEqual({ code: 1, stdout: '', stderr: said });
        expect(readdirSync(dir)).toEqual([]);
      }
      const first = await command(['keys', 'generate', 'Administrator'], {}, dir);
      expect(first.code).toBe(0);
      expect(first.stderr).toContain(`latchkey: there was no database at ${path}; made a new one\n`);
      expect((await command(['users', 'list'], {}, dir)).stderr).toBe('');
      rmSync(dir, { recursive: true });
    });

  if (everything)
    it('names every bad variable at once', async () => {
      const { code, stderr } = await command(['users', 'list'], {
        PORT: 'x',
        DATABASE_URL: 'postgres://u:hunter2@h/d',
        NODE_ENV: 'prod',
      });
      expect(code).toBe(1);
      for (const name of ['PORT', 'DATABASE_URL', 'NODE_ENV']) expect(stderr).toContain(`${name}:`);
      expect(stderr).not.toContain('hunter2');
    });

  if (everything)
    it('a database that is away is said in a sentence', async () => {
      const { code, stderr } = await command(['keys', 'list'], { DATABASE_URL: 'mysql://u:hunter2@127.0.0.1:1/d' });
      expect(code).toBe(1);
      expect(stderr).toMatch(/^latchkey: .*ECONNREFUSED/);
      expect(stderr).not.toContain('hunter2');
    });
});
