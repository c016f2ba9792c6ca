import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OPERATOR, type Principal } from '../../src/users/principal.js';
import { RolesService } from '../../src/users/roles.service.js';
import { ApiKeyVerifier } from '../../src/verification/api-key.verifier.js';
import { ENGINE, freshDatabase, newName, startApp, type TestApp, type TestDatabase } from '../support/app.js';
import { latchkeyHere } from '../support/command.js';
import { latchkey as command, run } from '../support/process.js';

let database: TestDatabase;
let server: TestApp;
let env: Record<string, string>;
let manager: string;

let boss: Principal;

/** Beside a running server, on the same database. */
beforeAll(async () => {
  database = await freshDatabase();
  server = await startApp({}, database);
  env = { DATABASE_URL: database.url };
  manager = (await server.key(['System Manager'], 'manager@example.com')).token;
  const key = await server.key(['System Manager'], 'boss@example.com');
  boss = (await server.app.get(ApiKeyVerifier).verify(key))!;
});
afterAll(async () => {
  await server.close();
  await database.remove();
});

const text = async (...args: string[]) => {
  const { code, stdout, stderr } = await latchkeyHere(args, env);
  expect([code, stderr.replaceAll(/^\{"level":"info".*\n/gm, '')]).toEqual([0, '']);
  return stdout;
};
const json = async (...args: string[]) => JSON.parse(await text(...args, '--json'));
const byRest = async (path: string) => (await server.call('GET', path, { auth: manager })).json;
const refused = async (code: number, message: string, ...args: string[]) => {
  const result = await latchkeyHere(args, env);
  expect([args, result.code, result.stdout]).toEqual([args, code, '']);
  expect(result.stderr).toContain(message);
};

describe('keys show', () => {
  it('tells all of a key but its secrets, by key and by user, as REST does', async () => {
    const { user, apiKey, apiSecret } = await server.key();
    await server.apiKeys.generate(boss, { user, expiresAt: new Date('2999-01-31T00:00:00Z') });
    const live = await server.keyOf(user);
    const shown = await json('keys', 'show', user);
    expect(shown).toEqual(await byRest(`/v1/api-keys/${apiKey}`));
    expect(await json('keys', 'show', apiKey)).toEqual(shown);
    expect(shown.secrets).toHaveLength(3);
    const lines = (await text('keys', 'show', user)).split('\n');
    expect(lines.slice(0, 3)).toEqual([
      `API key  ${apiKey}`,
      `User     ${user}`,
      `Made     ${shown.createdAt} by command`,
    ]);
    expect(lines[4]).toMatch(/^SECRET +NAME +HINT +STATE +MADE +BY +EXPIRES +REVOKED +LAST USED$/);
    const [newest, middle, oldest] = shown.secrets;
    expect(lines[5]!.split(/ +/)).toEqual([
      newest.id,
      'default',
      `…${live.apiSecret.slice(-4)}`,
      'live',
      newest.createdAt,
      'command',
      newest.expiresAt, // as the one that it replaced
    ]);
    const lifetime = ({ createdAt, expiresAt }: Record<string, string>) =>
      Date.parse(expiresAt!) - Date.parse(createdAt!);
    expect(lifetime(newest)).toBe(lifetime(middle));
    expect(lines[6]!.split(/ +/).slice(3)).toEqual([
      'revoked',
      middle.createdAt,
      'boss@example.com',
      middle.expiresAt,
      middle.revokedAt,
    ]);
    expect(lines[7]).toContain(`${oldest.id}  default  …${apiSecret.slice(-4)}  revoked`);
    expect(lines.join()).not.toMatch(/lks_|digest|sha256/);
  });

  it('tells an expired secret from a live one, and that the user is disabled', async () => {
    const { user } = await server.key();
    const { createdAt } = await server.apiKeys.generate(OPERATOR, { user, expiresAt: new Date(Date.now() + 200) });
    await server.users.update(OPERATOR, user, { enabled: false });
    while (Date.now() <= createdAt.getTime() + 250) await json('roles', 'list');
    const shown = await text('keys', 'show', user);
    expect(shown).toMatch(/ {2}expired {2}/);
    expect(shown).not.toMatch(/ {2}live {2}/);
    expect(shown).toContain(`User     ${user} (disabled)\n`);
  });

  it('says what is not there', async () => {
    await refused(1, 'There is no such API key', 'keys', 'show', 'lk_nope');
    await refused(1, '"nobody@example.com" has no API key', 'keys', 'show', 'nobody@example.com');
    await refused(2, 'missing required argument', 'keys', 'show');
  });
});

describe('roles', () => {
  it('are made, listed, given, taken and deleted', async () => {
    const { user } = await server.key();
    expect(await text('roles', 'add', 'Reader')).toBe('Made the role Reader.\n');
    expect(await json('roles', 'add', 'Größe 2')).toEqual({ name: 'Größe 2' });
    expect(await json('roles', 'list')).toEqual((await byRest('/v1/roles')).data);
    expect(await text('roles', 'list')).toMatch(/^ROLE\n(.+\n)*Reader\n/);
    expect(await text('users', 'roles', user)).toBe('None.\n');
    expect(await json('users', 'roles', user, '--add', 'Reader', '--add', 'Größe 2')).toEqual({
      name: user,
      roles: ['Größe 2', 'Reader'],
    });
    expect((await json('users', 'roles', user, '--add', 'Reader')).roles).toEqual(['Größe 2', 'Reader']);
    await refused(1, 'is held by somebody', 'roles', 'remove', 'Reader');
    expect(
      await text('users', 'roles', user, '--remove', 'Reader', '--remove', 'Größe 2', '--add', 'System Manager'),
    ).toBe('System Manager\n');
    expect((await json('users', 'roles', user, '--set', 'Reader')).roles).toEqual(['Reader']);
    expect(await text('roles', 'remove', 'Größe 2')).toBe('Deleted the role Größe 2.\n');
    expect((await byRest(`/v1/users/${user}`)).roles).toEqual(['Reader']);
  });

  it('are refused with a sentence', async () => {
    const { user } = await server.key(['Kept']);
    await refused(1, 'There is a role "Kept" already', 'roles', 'add', 'Kept');
    await refused(1, 'A role is named by', 'roles', 'add', 'a,b');
    await refused(1, 'There is no role of that name', 'roles', 'remove', 'Nope');
    await refused(1, 'is built in', 'roles', 'remove', 'System Manager');
    await refused(1, 'There is no role "Nope"', 'users', 'roles', user, '--add', 'Nope');
    await refused(1, 'There is no role "Kep"', 'users', 'roles', user, '--remove', 'Kep');
    await refused(1, 'Administrator always', 'users', 'roles', 'Administrator', '--remove', 'System Manager');
    await refused(1, 'There is no user', 'users', 'roles', 'nobody@example.com', '--add', 'Kept');
    await refused(2, 'cannot be used with', 'users', 'roles', user, '--set', 'Kept', '--add', 'Kept');
    await refused(2, 'both name "Kept"', 'users', 'roles', user, '--add', 'Kept', '--remove', 'Kept');
    expect(await json('users', 'roles', user)).toEqual({ name: user, roles: ['Kept'] });
  });

  it('given and taken by many at once are all given and taken', async () => {
    const names = Array.from({ length: 8 }, (_, i) => `At Once ${i}`);
    const { user } = await server.key(names.slice(4));
    for (const name of names.slice(0, 4)) await server.app.get(RolesService).create(OPERATOR, name);
    const all = await Promise.all([
      ...names.slice(0, 4).map((name) => command(['users', 'roles', user, '--add', name], env)),
      ...names.slice(4).map((name) => command(['users', 'roles', user, '--remove', name], env)),
    ]);
    expect(all.map(({ code }) => code)).toEqual(Array(8).fill(0));
    expect((await json('users', 'roles', user)).roles).toEqual(names.slice(0, 4));
  });
});

describe('users show and delete', () => {
  it('show as REST does, and tell what dies', async () => {
    const { user, apiKey, token } = await server.key(['Mortal']);
    const { key, ...rest } = await byRest(`/v1/users/${user}`);
    expect(key.apiKey).toBe(apiKey); // `keys show` tells of it
    expect(await json('users', 'show', user)).toEqual(rest);
    expect(await text('users', 'show', user)).toMatch(
      new RegExp(`^Name       ${user}\nFull name  Some Body\nEnabled    yes\nRoles      Mortal\n`),
    );
    const said = await text('users', 'delete', user);
    expect(said).toBe(
      `Deleted the user ${user}, with its roles (Mortal) and its secrets (1); the key ${apiKey} stays reserved.\n`,
    );
    expect((await server.call('GET', '/v1/me', { auth: token })).status).toBe(401);
    await refused(1, 'There is no user', 'users', 'show', user);
    await refused(1, 'There is no user', 'users', 'delete', user);
    await refused(1, 'Administrator cannot be deleted', 'users', 'delete', 'Administrator');
  });

  it('delete a user that has no key', async () => {
    const { name } = await server.users.create(OPERATOR, { email: newName(), fullName: 'No Key' });
    expect(await json('users', 'delete', name)).toEqual({ name, roles: [], apiKey: null, secrets: [] });
  });
});

describe('lists of hundreds', () => {
  beforeAll(async () => {
    for (let i = 0; i < 250; i++)
      await server.users.create(OPERATOR, { email: `many${i}@example.com`, fullName: 'Many' });
  });

  it('are whole and newest first', async () => {
    const listed = await json('users', 'list');
    const many = listed.map(({ name }: { name: string }) => name).filter((name: string) => name.startsWith('many'));
    expect(many).toHaveLength(250);
    expect(new Set(many).size).toBe(250);
    expect(many[0] === 'many249@example.com' || listed[0].createdAt === listed[1].createdAt).toBe(true);
    expect((await text('users', 'list')).match(/^many/gm)).toHaveLength(250);
  });

  it('of users are narrowed by search, role and state', async () => {
    const { user } = await server.key(['Rare Role'], 'rare.one@example.com');
    await server.users.update(OPERATOR, 'many7@example.com', { roles: ['Rare Role'], enabled: false });
    const names = async (...options: string[]) =>
      (await json('users', 'list', ...options)).map(({ name }: { name: string }) => name).toSorted();
    expect(await names('--role', 'Rare Role')).toEqual(['many7@example.com', 'rare.one@example.com']);
    expect(await names('--role', 'Rare Role', '--enabled')).toEqual(['rare.one@example.com']);
    expect(await names('--disabled', '--search', 'MANY')).toEqual(['many7@example.com']);
    expect(await names('--search', 'many', '--limit', '120')).toHaveLength(120);
    expect(await names('--search', 'rARE')).toEqual([user]);
    expect(await text('users', 'list', '--search', 'nobody at all')).toBe('None.\n');
    await refused(2, 'cannot be used with', 'users', 'list', '--enabled', '--disabled');
    await refused(1, 'A search has at most', 'users', 'list', '--search', 'a\nb');
    await refused(1, 'A role is named by', 'users', 'list', '--role', 'Rare Role ');
  });

  it('stop at the limit', async () => {
    expect(await json('users', 'list', '--limit', '150')).toHaveLength(150);
    expect(await json('keys', 'list', '--limit', '1')).toHaveLength(1);
    expect((await text('users', 'list', '--limit', '2')).split('\n')).toHaveLength(4);
    for (const bad of ['0', '-1', 'x', '1.5', '']) {
      await refused(2, 'whole number', 'users', 'list', `--limit=${bad}`);
    }
  });

  if (ENGINE === 'sqlite') {
    it.each(['users list', 'users list --json', 'users show Administrator', '--help'])(
      '%s ends quietly when nobody reads on',
      async (line) => {
        const bin = join(process.cwd(), 'bin/latchkey.js');
        const { stdout, stderr } = await run('bash', ['-c', `${bin} ${line} | true; echo "\${PIPESTATUS[0]}"`], env);
        expect([stdout, stderr]).toEqual(['1\n', '']);
        const head = await run('bash', ['-c', `${bin} ${line} | head -1 | wc -l`], env);
        expect([head.stdout.trim(), head.stderr]).toEqual(['1', '']);
      },
    );

    (existsSync('/dev/full') ? it : it.skip)('a full disk is a failure', async () => {
      const { code, stderr } = await run(
        'bash',
        ['-c', `${join(process.cwd(), 'bin/latchkey.js')} users list > /dev/full`],
        env,
      );
      expect(code).toBe(1);
      expect(stderr).toMatch(/^latchkey: ENOSPC.*\n$/);
    });
  }
});
