import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OPERATOR } from '../../src/users/principal.js';
import { freshDatabase, startApp, type TestApp, type TestDatabase, type TestKey } from '../support/app.js';
import { latchkeyHere as command } from '../support/command.js';

const GENERATE = 'frappe.core.doctype.user.user.generate_keys';
const PASSWORD = 'correct horse battery staple';
const STORED = 'ann@example.com';
const TYPED = ['Ann@Example.com', 'ANN@EXAMPLE.COM', '  ann@Example.com ', '\tann@example.com\n'];
/** Another name, however much it looks like the one above: of the Kelvin sign, a lower-case k is made by Unicode alone. */
const OTHERS = ['an n@example.com', 'ann@example.com\u0000', '\u212Aurt@example.com', 'ann@\u212A.com'];

let database: TestDatabase;
let server: TestApp;
let manager: TestKey;
let administrator: TestKey;

beforeAll(async () => {
  database = await freshDatabase();
  server = await startApp({}, database);
  manager = await server.key(['System Manager']);
  administrator = await server.keyOf('Administrator');
  for (const name of [STORED, 'kurt@example.com', 'ann@k.com']) await server.key([], name);
});
afterAll(async () => {
  await server.close();
  await database.remove();
});

type Call = [method: string, path: string, json?: unknown];
/** Every call of the REST and the Frappe API that names a user. */
const CALLS: readonly [string, (name: string) => Call][] = [
  ['read', (name) => ['GET', `/v1/users/${encodeURIComponent(name)}`]],
  ['change', (name) => ['PATCH', `/v1/users/${encodeURIComponent(name)}`, { fullName: 'Ann' }]],
  ['password', (name) => ['PATCH', `/v1/users/${encodeURIComponent(name)}`, { password: PASSWORD }]],
  ['sessions', (name) => ['GET', `/v1/users/${encodeURIComponent(name)}/sessions`]],
  ['end of sessions', (name) => ['DELETE', `/v1/users/${encodeURIComponent(name)}/sessions`]],
  ['generate_keys', (name) => ['POST', `/api/method/${GENERATE}`, { user: name }]],
  ['generate_keys in the query', (name) => ['POST', `/api/method/${GENERATE}?user=${encodeURIComponent(name)}`]],
];

const send = ([method, path, json]: Call, { token }: TestKey) => server.call(method, path, { auth: token, json });

/** Of a name that the caller has no power over; Frappe does not hide that there is one. */
const refusalOf = ([, path]: Call) => (path.startsWith('/api/') ? 403 : 404);

describe.each(CALLS)('%s', (_, call) => {
  it.each(TYPED)('finds %j', async (typed) => {
    const { status, json } = await send(call(typed), manager);
    expect([200, 204]).toContain(status);
    if (json?.name !== undefined) expect(json.name).toBe(STORED);
  });

  it.each(OTHERS)('does not find %j', async (typed) => {
    expect((await send(call(typed), manager)).status).toBe(404);
  });

  it.each(['guest', 'GUEST '])('finds no account in %j', async (typed) => {
    expect((await send(call(typed), administrator)).status).toBe(refusalOf(call(typed)));
  });
});

it('an owner is the owner however the name is spelled, and stays out of everything else', async () => {
  const own = await server.keyOf(STORED);
  for (const typed of TYPED) {
    const path = `/v1/users/${encodeURIComponent(typed)}`;
    expect((await server.call('GET', path, { auth: own.token })).json).toMatchObject({ name: STORED });
    const { json } = await server.call('GET', `/v1/api-keys?user=${encodeURIComponent(typed)}`, { auth: own.token });
    expect(json.data).toEqual([expect.objectContaining({ user: STORED, apiKey: own.apiKey })]);
  }
});

it('a manager who is not Administrator has no power over "administrator"', async () => {
  for (const typed of ['administrator', 'ADMINISTRATOR', ' Administrator']) {
    for (const [, call] of CALLS) expect((await send(call(typed), manager)).status).toBe(refusalOf(call(typed)));
    const { json } = await server.call('GET', `/v1/api-keys?user=${encodeURIComponent(typed)}`, {
      auth: manager.token,
    });
    expect(json.data).toEqual([]);
    expect((await send(['POST', '/v1/api-keys', { user: typed }], manager)).status).toBe(404);
    expect((await send(['DELETE', `/v1/users/${encodeURIComponent(typed)}`], administrator)).status).toBe(409);
  }
});

it('a key is made and listed, and a user deleted, by the name as it is typed', async () => {
  for (const typed of ['Bob@Example.com', ' bob@example.com ']) {
    const made = await send(['POST', '/v1/users', { email: typed, fullName: 'Bob' }], manager);
    expect([made.status, made.json.name]).toEqual([201, 'bob@example.com']);
    const again = await send(['POST', '/v1/users', { email: 'bob@example.com', fullName: 'Bob' }], manager);
    expect(again.status).toBe(409);
    const key = await send(['POST', '/v1/api-keys', { user: typed }], manager);
    expect([key.status, key.json.user]).toEqual([201, 'bob@example.com']);
    expect((await send(['POST', '/v1/api-keys', { user: typed }], manager)).json.detail).toContain(
      'bob@example.com has',
    );
    const listed = await send(['GET', `/v1/api-keys?user=${encodeURIComponent(typed)}`], manager);
    expect(listed.json.data).toHaveLength(1);
    expect((await send(['DELETE', `/v1/users/${encodeURIComponent(typed)}`], manager)).status).toBe(204);
    expect((await send(['GET', '/v1/users/bob@example.com'], manager)).status).toBe(404);
  }
});

it('log-in takes the same spellings, on both APIs', async () => {
  await server.accounts.update(OPERATOR, STORED, { password: PASSWORD });
  for (const typed of TYPED) {
    const rest = await server.call('POST', '/v1/session', { json: { user: typed, password: PASSWORD } });
    expect([rest.status, rest.json.name]).toEqual([201, STORED]);
    const frappe = await server.call('POST', '/api/method/login', { json: { usr: typed, pwd: PASSWORD } });
    expect(frappe.status).toBe(200);
  }
});

it("a host's calls take them too", async () => {
  for (const typed of TYPED) {
    expect((await server.users.find(OPERATOR, typed)).name).toBe(STORED);
    expect((await server.apiKeys.generate(OPERATOR, { user: typed })).user).toBe(STORED);
    expect((await server.users.ensure(OPERATOR, { name: typed })).name).toBe(STORED);
  }
});

describe('commands', () => {
  const typed = ' Carol@Example.com';
  it.each([
    ['users', 'create', typed, '--full-name', 'Carol'],
    ['users', 'show', typed],
    ['users', 'roles', typed, '--add', 'System Manager'],
    ['users', 'roles', typed],
    ['users', 'disable', typed],
    ['users', 'enable', typed],
    ['keys', 'generate', typed],
    ['keys', 'show', typed],
    ['keys', 'list', '--user', typed],
    ['bench', 'execute', GENERATE, '--args', `['${typed}']`],
    ['bench', 'execute', GENERATE, '--kwargs', `{"user": "${typed}"}`],
    ['keys', 'revoke', typed],
    ['users', 'delete', typed],
  ])('%s %s', async (...args) => {
    const { code, stdout, stderr } = await command([...args, '--json'], { DATABASE_URL: database.url });
    expect([args, code]).toEqual([args, 0]);
    expect(stdout + stderr).not.toContain('Carol@');
    if (!/api_?key|revoked/i.test(stdout)) expect(stdout).toContain('carol@example.com');
  });

  it('say the stored name of Administrator', async () => {
    const env = { DATABASE_URL: database.url };
    expect(JSON.parse((await command(['users', 'show', 'administrator', '--json'], env)).stdout).name).toBe(
      'Administrator',
    );
    expect(JSON.parse((await command(['keys', 'show', 'ADMINISTRATOR', '--json'], env)).stdout).user).toBe(
      'Administrator',
    );
  });

  it.each(['guest', 'Guest'])('know no user %s', async (name) => {
    const { code, stderr } = await command(['keys', 'generate', name], { DATABASE_URL: database.url });
    expect([code, stderr]).toEqual([1, 'latchkey: There is no user "Guest".\n']);
  });
});
