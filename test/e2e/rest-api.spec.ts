import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RolesService } from '../../src/users/roles.service.js';
import { OPERATOR } from '../../src/users/principal.js';
import { newName, startApp, type TestApp, type TestKey } from '../support/app.js';

let latchkey: TestApp;
let manager: TestKey;
let ordinary: TestKey;

beforeAll(async () => {
  latchkey = await startApp();
  await latchkey.app.get(RolesService).create(OPERATOR, 'Reader');
  manager = await latchkey.key(['System Manager']);
  ordinary = await latchkey.key(['Reader']);
});
afterAll(() => latchkey.close());

const as = ({ token }: TestKey) => ({ auth: token });

describe('GET /v1/me', () => {
  it('is the principal', async () => {
    const { json } = await latchkey.call('GET', '/v1/me', as(ordinary));
    expect(json).toEqual({
      name: ordinary.user,
      fullName: 'Some Body',
      roles: ['Reader'],
      credential: {
        type: 'api-key',
        apiKey: ordinary.apiKey,
        secretId: expect.any(String),
        secretName: 'default',
        scopes: null,
        limits: null,
      },
    });
  });
});

describe('users', () => {
  it('are made, named by their e-mail in lower case', async () => {
    const json = { email: 'Jane.DOE@Example.com', fullName: ' Jané Doe ', roles: ['Reader', 'Reader'], enabled: false };
    const made = await latchkey.call('POST', '/v1/users', { ...as(manager), json });
    expect(made.status).toBe(201);
    expect(made.headers.location).toBe('/v1/users/jane.doe%40example.com');
    expect(made.json).toEqual({
      id: expect.any(String),
      name: 'jane.doe@example.com',
      email: 'jane.doe@example.com',
      fullName: 'Jané Doe',
      enabled: false,
      roles: ['Reader'],
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updatedAt: expect.any(String),
      key: null,
    });
    expect((await latchkey.call('GET', made.headers.location!, as(manager))).json).toEqual(made.json);
    const again = await latchkey.call('POST', '/v1/users', {
      ...as(manager),
      json: { ...json, email: 'jane.doe@example.COM' },
    });
    expect([again.status, again.json.code]).toEqual([409, 'conflict']);
  });

  const bad: [string, unknown, string[]][] = [
    ['nothing', {}, ['email', 'fullName']],
    ['two that are wrong each in its way', { email: 'x', fullName: '' }, ['email', 'fullName']],
    ['three', { email: 'x', fullName: 5, zz: 1 }, ['email', 'fullName', 'zz']],
    [
      'what every object inherits',
      { email: newName(), fullName: 'X', constructor: 1, toString: 1 },
      ['constructor', 'toString'],
    ],
    ['a name that turns the writing', { email: newName(), fullName: 'a\u202eb' }, ['fullName']],
    ['a name of nothing visible', { email: newName(), fullName: '\u200b' }, ['fullName']],
    ['no e-mail address', { email: 'x', fullName: 'X' }, ['email']],
    ['an e-mail beyond ASCII', { email: 'jané@example.com', fullName: 'X' }, ['email']],
    ['an e-mail that is too long', { email: `${'x'.repeat(140)}@example.com`, fullName: 'X' }, ['email']],
    [
      'wrong types',
      { email: 1, fullName: null, roles: 'x', enabled: 'yes' },
      ['email', 'enabled', 'fullName', 'roles'],
    ],
    ['an empty full name', { email: newName(), fullName: ' ' }, ['fullName']],
    ['a full name with a NUL', { email: newName(), fullName: 'a\u0000b' }, ['fullName']],
    ['a lone surrogate', { email: newName(), fullName: 'a\ud800b' }, ['fullName']],
    ['an unknown role', { email: newName(), fullName: 'X', roles: ['Reader', 'Nope'] }, ['roles']],
    ['a role with a blank more', { email: newName(), fullName: 'X', roles: ['System Manager '] }, ['roles']],
    ['an unknown field', { email: newName(), fullName: 'X', id: '1', isAdmin: true }, ['id', 'isAdmin']],
  ];
  it.each(bad)('refuse %s with 422 and every bad field', async (_, json, fields) => {
    const answer = await latchkey.call('POST', '/v1/users', { ...as(manager), json });
    expect([answer.status, answer.json.code]).toEqual([422, 'validation_failed']);
    const named = answer.json.errors.map(({ field }: { field: string }) => field);
    expect([...new Set(named)].toSorted()).toEqual(fields);
    for (const error of answer.json.errors)
      expect(error).toEqual({ field: expect.any(String), code: expect.any(String), message: expect.any(String) });
  });

  it('are changed by a merge patch', async () => {
    const { user } = await latchkey.key(['Reader']);
    const patch = (json: unknown) => latchkey.call('PATCH', `/v1/users/${user}`, { ...as(manager), json });
    expect((await patch({ fullName: 'Y' })).json).toMatchObject({ fullName: 'Y', roles: ['Reader'], enabled: true });
    expect((await patch({ roles: ['Reader', 'System Manager'] })).json.roles).toEqual(['Reader', 'System Manager']);
    expect((await patch({ enabled: false })).json).toMatchObject({
      enabled: false,
      roles: ['Reader', 'System Manager'],
    });
    expect((await patch({})).status).toBe(200);
    for (const json of [{ fullName: null }, { email: 'x@example.com' }, { enabled: null }])
      expect((await patch(json)).status).toBe(422);
  });

  it('can be read and renamed by themselves, and nothing else', async () => {
    const path = `/v1/users/${ordinary.user}`;
    expect((await latchkey.call('GET', path, as(ordinary))).json.name).toBe(ordinary.user);
    const renamed = await latchkey.call('PATCH', path, { ...as(ordinary), json: { fullName: 'Some Body' } });
    expect(renamed.status).toBe(200);
    for (const json of [{ enabled: true }, { roles: ['System Manager'] }]) {
      const { status, json: problem } = await latchkey.call('PATCH', path, { ...as(ordinary), json });
      expect([status, problem.code]).toEqual([403, 'forbidden']);
    }
    expect((await latchkey.call('DELETE', path, as(ordinary))).json.code).toBe('forbidden');
    expect((await latchkey.call('GET', '/v1/users', as(ordinary))).json.code).toBe('forbidden');
    const create = { ...as(ordinary), json: { email: newName(), fullName: 'X' } };
    expect((await latchkey.call('POST', '/v1/users', create)).json.code).toBe('forbidden');
  });

  it('names are exact but for letter case and blanks around them', async () => {
    for (const name of [`${ordinary.user}%00`, `${ordinary.user}x`, ordinary.user.replace('@', '%20@')]) {
      expect((await latchkey.call('GET', `/v1/users/${name}`, as(manager))).status).toBe(404);
      expect(
        (await latchkey.call('PATCH', `/v1/users/${name}`, { ...as(manager), json: { fullName: 'X' } })).status,
      ).toBe(404);
    }
  });
});

describe('pages', () => {
  it('hold everything once, newest first', async () => {
    for (let i = 0; i < 5; i++) await latchkey.key();
    for (const [path, field] of [
      ['/v1/users', 'name'],
      ['/v1/api-keys', 'apiKey'],
    ] as const) {
      const whole = (await latchkey.call('GET', `${path}?limit=100`, as(manager))).json;
      expect(whole.nextCursor).toBeNull();
      const times = whole.data.map(({ createdAt }: { createdAt: string }) => createdAt);
      expect(times).toEqual(times.toSorted().toReversed());
      const found: unknown[] = [];
      for (let cursor = ''; cursor !== null;) {
        const { json } = await latchkey.call('GET', `${path}?limit=2${cursor && `&cursor=${cursor}`}`, as(manager));
        found.push(...json.data);
        cursor = json.nextCursor;
      }
      expect(found).toEqual(whole.data);
      expect(new Set(found.map((row) => (row as Record<string, unknown>)[field])).size).toBe(found.length);
    }
  });

  it('refuse a foreign cursor with 400', async () => {
    const { json } = await latchkey.call('GET', '/v1/users?limit=1', as(manager));
    const far = Buffer.from(JSON.stringify(['api-keys', 9e15, 'x'])).toString('base64url');
    for (const cursor of ['x', 'eyJ9', far, json.nextCursor]) {
      const answer = await latchkey.call('GET', `/v1/api-keys?cursor=${cursor}`, as(manager));
      expect([answer.status, answer.json.code]).toEqual([400, 'malformed']);
    }
  });

  it.each([
    'limit=0',
    'limit=101',
    'limit=x',
    'limit=1.5',
    'limit=1&limit=2',
    'cursor=a&cursor=b',
    'nope=1',
    'limit=0x10',
    'limit=1e1',
    'limit=%205',
    'toString=1',
    'constructor=1',
    '__proto__[x]=1',
  ])('refuse ?%s', async (query) => {
    const { status, json } = await latchkey.call('GET', `/v1/users?${query}`, as(manager));
    expect([status, json.code]).toEqual([422, 'validation_failed']);
  });
});

describe('roles', () => {
  const call = (method: string, path: string, json?: unknown, key = manager) =>
    latchkey.call(method, `/v1/roles${path}`, { ...as(key), ...(json !== undefined && { json }) });

  it('are made, listed and deleted', async () => {
    const made = await call('POST', '', { name: 'Night Shift' });
    expect([made.status, made.headers.location, made.json]).toEqual([
      201,
      '/v1/roles/Night%20Shift',
      { name: 'Night Shift' },
    ]);
    expect((await call('GET', '')).json).toEqual({
      data: [{ name: 'Night Shift' }, { name: 'Reader' }, { name: 'System Manager' }],
      nextCursor: null,
    });
    expect((await call('POST', '', { name: 'Night Shift' })).json.code).toBe('conflict');
    expect((await call('POST', '', { name: ' ' })).json).toMatchObject({ status: 422, errors: [{ field: 'name' }] });
    expect((await call('DELETE', '/Night%20Shift')).status).toBe(204);
    expect((await call('DELETE', '/Night%20Shift')).status).toBe(404);
  });

  it('stay while they are held or built in', async () => {
    for (const name of ['Reader', 'System%20Manager'])
      expect((await call('DELETE', `/${name}`)).json.code).toBe('conflict');
  });

  it('are for System Managers alone', async () => {
    for (const [method, path, json] of [
      ['GET', '', undefined],
      ['POST', '', { name: 'X' }],
      ['DELETE', '/Reader', undefined],
      ['DELETE', '/Nope', undefined],
    ] as const) {
      expect((await call(method, path, json, ordinary)).json.code).toBe('forbidden');
    }
  });
});

describe('ETag', () => {
  const get = async (path: string) => (await latchkey.call('GET', path, as(manager))).headers.etag!;
  const change = (method: string, path: string, ifMatch: string, json?: unknown) =>
    latchkey.call(method, path, {
      ...as(manager),
      headers: { 'if-match': ifMatch },
      ...(json !== undefined && { json }),
    });

  it('is another one after each change of the user, its roles or its key', async () => {
    const { user, apiKey } = await latchkey.key();
    const path = `/v1/users/${user}`;
    const seen = [await get(path)];
    expect(seen[0]).toMatch(/^"[^"]+"$/);
    expect(await get(path)).toBe(seen[0]);
    for (const [method, at, json] of [
      ['PATCH', path, { fullName: 'Y' }],
      ['PATCH', path, { roles: ['Reader'] }],
      ['PATCH', path, { enabled: false }],
      ['POST', `/v1/api-keys/${apiKey}/secrets`, undefined],
      ['DELETE', `/v1/api-keys/${apiKey}/secrets`, undefined],
    ] as const) {
      const answer = await latchkey.call(method, at, { ...as(manager), ...(json && { json }) });
      const now = await get(path);
      if (method !== 'DELETE') expect(answer.headers.etag).toBe(now);
      expect(await get(`/v1/api-keys/${apiKey}`)).toBe(now);
      expect(seen).not.toContain(now);
      seen.push(now);
    }
  });

  it('with If-Match only what is as it was read is changed; else 412', async () => {
    const { user, apiKey } = await latchkey.key();
    const path = `/v1/users/${user}`;
    const old = await get(path);
    expect((await change('PATCH', path, old, { fullName: 'One' })).status).toBe(200);
    for (const [method, at, json] of [
      ['PATCH', path, { fullName: 'Two' }],
      ['PATCH', path, {}],
      ['DELETE', path, undefined],
      ['POST', `/v1/api-keys/${apiKey}/secrets`, undefined],
      ['DELETE', `/v1/api-keys/${apiKey}/secrets`, undefined],
    ] as const) {
      for (const tag of [old, '"x"', `W/${await get(path)}`]) {
        const { status, json: problem } = await change(method, at, tag, json);
        expect([method, status, problem.code]).toEqual([method, 412, 'stale']);
      }
      expect((await change(method, at, 'x', json)).json.code).toBe('malformed');
    }
    expect((await latchkey.call('GET', path, as(manager))).json.fullName).toBe('One');
    expect((await change('PATCH', path, `"x", ${await get(path)}`, { fullName: 'Three' })).status).toBe(200);
    expect((await change('PATCH', path, '*', { fullName: 'Four' })).status).toBe(200);
  });

  it('a delayed duplicate of a generation is 412, and the first secret lives', async () => {
    const { apiKey } = await latchkey.key();
    const tag = await get(`/v1/api-keys/${apiKey}`);
    const [first, second] = [
      await change('POST', `/v1/api-keys/${apiKey}/secrets`, tag),
      await change('POST', `/v1/api-keys/${apiKey}/secrets`, tag),
    ];
    expect([first.status, second.status]).toEqual([201, 412]);
    const auth = `token ${apiKey}:${first.json.apiSecret}`;
    expect((await latchkey.call('GET', '/v1/me', { auth })).status).toBe(200);
  });

  it('of a deleted user is not that of one made again', async () => {
    const { user } = await latchkey.key();
    const old = await get(`/v1/users/${user}`);
    await latchkey.call('DELETE', `/v1/users/${user}`, as(manager));
    await latchkey.key([], user);
    expect((await change('DELETE', `/v1/users/${user}`, old)).status).toBe(412);
  });
});

describe('api keys', () => {
  it('show hints and never a digest', async () => {
    const { json } = await latchkey.call('GET', `/v1/api-keys/${ordinary.apiKey}`, as(ordinary));
    expect(json).toEqual({
      apiKey: ordinary.apiKey,
      user: ordinary.user,
      createdAt: expect.any(String),
      createdBy: 'command',
      lastUsedAt: null,
      secrets: [
        {
          id: expect.any(String),
          name: 'default',
          hint: ordinary.apiSecret.slice(-4),
          state: 'live',
          scopes: null,
          allowedNetworks: null,
          limits: null,
          createdAt: expect.any(String),
          createdBy: 'command',
          expiresAt: null,
          revokedAt: null,
          revokedBy: null,
          lastUsedAt: null,
          lastUsedFrom: null,
          replaces: null,
        },
      ],
    });
  });

  it('are listed to their owner, one alone', async () => {
    const own = await latchkey.call('GET', '/v1/api-keys', as(ordinary));
    expect(own.json.data.map(({ user }: { user: string }) => user)).toEqual([ordinary.user]);
    expect((await latchkey.call('GET', `/v1/api-keys?user=${ordinary.user}`, as(ordinary))).json.data).toHaveLength(1);
    expect((await latchkey.call('GET', `/v1/api-keys?user=${manager.user}`, as(ordinary))).status).toBe(403);
    expect((await latchkey.call('GET', `/v1/api-keys?user=${ordinary.user}`, as(manager))).json.data).toHaveLength(1);
  });

  it('are generated without a body, or with one that has no unknown field', async () => {
    const { apiKey } = await latchkey.key();
    const generate = (options: object) =>
      latchkey.call('POST', `/v1/api-keys/${apiKey}/secrets`, { ...as(manager), ...options });
    expect((await generate({})).status).toBe(201);
    expect((await generate({ json: {} })).status).toBe(201);
    const { status, json } = await generate({ json: { expires: '2099-01-01T00:00:00Z' } });
    expect([status, json.errors]).toEqual([422, [expect.objectContaining({ field: 'expires' })]]);
  });

  it('keep the last few dead secrets', async () => {
    const { user, apiKey } = await latchkey.key();
    for (let i = 0; i < 15; i++) await latchkey.keyOf(user);
    const { json } = await latchkey.call('GET', `/v1/api-keys/${apiKey}`, as(manager));
    expect(json.secrets).toHaveLength(10);
    expect(json.secrets.filter(({ revokedAt }: { revokedAt: unknown }) => revokedAt === null)).toHaveLength(1);
  });
});

describe('problems', () => {
  it('are RFC 9457, with a code and the request id', async () => {
    const { status, headers, json } = await latchkey.call('GET', '/v1/users/nobody@example.com', as(manager));
    expect(status).toBe(404);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(json).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'There is no user "nobody@example.com".',
      code: 'not_found',
      requestId: headers['x-request-id'],
    });
  });

  const bodies: [string, number, string, Parameters<TestApp['call']>[2]][] = [
    ['broken JSON', 400, 'malformed', { body: '{"email":', headers: { 'content-type': 'application/json' } }],
    ['a form', 415, 'unsupported_media_type', { form: { email: 'x@example.com' } }],
    ['text', 415, 'unsupported_media_type', { body: 'x', headers: { 'content-type': 'text/plain' } }],
    ['no type', 415, 'unsupported_media_type', { body: '{}' }],
    ['an array', 422, 'validation_failed', { json: [] }],
    ['null', 422, 'validation_failed', { json: null }],
    ['__proto__', 400, 'malformed', { body: '{"__proto__":{"x":1}}', headers: { 'content-type': 'application/json' } }],
    ['nothing', 422, 'validation_failed', { headers: { 'content-type': 'application/json' } }],
    [
      '40,000 levels',
      400,
      'malformed',
      { body: '['.repeat(20_000) + ']'.repeat(20_000), headers: { 'content-type': 'application/json' } },
    ],
    ['many levels in a field', 400, 'malformed', { json: { roles: JSON.parse('['.repeat(30) + ']'.repeat(30)) } }],
    [
      'many fields',
      422,
      'validation_failed',
      { json: Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`f${i}`, 1])) },
    ],
    ['many objects', 422, 'validation_failed', { json: Array.from({ length: 900 }, () => ({})) }],
    ['very many objects', 400, 'malformed', { json: Array.from({ length: 20_000 }, () => ({})) }],
    [
      'no UTF-8',
      400,
      'malformed',
      { raw: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), headers: { 'content-type': 'application/json' } },
    ],
    ['300 kB', 413, 'too_large', { json: { fullName: 'x'.repeat(300_000) } }],
  ];
  it.each(bodies)('answer a body of %s with %i %s', async (_, status, code, options) => {
    const { json } = await latchkey.call('POST', '/v1/users', { ...as(manager), ...options });
    expect([json.status, json.code]).toEqual([status, code]);
  });

  it.each(['/%zz', '/v1/users/%', '/v1/users/%ff', '/v1/users/LONG'])('answer the path %s with 4xx', async (short) => {
    const path = short.replace('LONG', 'x'.repeat(5000));
    const { status, json } = await latchkey.call('GET', path, as(manager));
    expect([400, 404]).toContain(status);
    expect(['malformed', 'not_found']).toContain(json.code);
  });

  it('keep the inside inside', async () => {
    await latchkey.dataSource.query('ALTER TABLE lk_roles RENAME TO lk_roles_away');
    try {
      const json = { email: newName(), fullName: 'X', roles: ['Reader'] };
      const answer = await latchkey.call('POST', '/v1/users', { ...as(manager), json });
      expect([answer.status, answer.json.code]).toEqual([500, 'internal']);
      expect(answer.text).not.toMatch(/lk_roles|SELECT|node_modules|Error:/);
      const line = latchkey.log.find(
        ({ msg, requestId }) => msg === 'internal error' && requestId === answer.json.requestId,
      );
      expect(line).toMatchObject({ level: 'error', err: { type: 'QueryFailedError' } });
      expect(JSON.stringify(line)).not.toContain('parameters');
    } finally {
      await latchkey.dataSource.query('ALTER TABLE lk_roles_away RENAME TO lk_roles');
    }
  });
});
