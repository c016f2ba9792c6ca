import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newName, startApp, type TestApp, type TestKey } from '../support/app.js';

let latchkey: TestApp;
let key: TestKey;
beforeAll(async () => {
  latchkey = await startApp();
  key = await latchkey.key(['System Manager']);
});
afterAll(() => latchkey.close());

const headers = { 'content-type': 'application/json' };
const GENERATE = '/api/method/frappe.core.doctype.user.user.generate_keys';

describe('a member that a JSON body has twice', () => {
  const twice = [
    ['at the top', '{"user":"a@b.cc","password":"x","user":"c@d.ee"}', 'user'],
    ['with the same value', '{"user":"a@b.cc","user":"a@b.cc"}', 'user'],
    ['in an escape', '{"user":"a","\\u0075ser":"b"}', 'user'],
    ['in escapes of two spellings', '{"\\u00e4":1,"\\u00E4":2}', 'ä'],
    ['deep inside', '{"x":[1,{"y":{"z":1,"a":[],"z":2}}]}', 'z'],
    ['after an object of that name', '{"x":{"x":1},"x":2}', 'x'],
    ['without a name', '{"":1,"":2}', ''],
    ['named as what is inherited', '{"toString":1,"toString":2}', 'toString'],
    ['in an array of objects', '[{"a":1,"b":2,"a":3}]', 'a'],
  ] as const;

  it.each(twice)('%s is refused by both APIs', async (_, body, name) => {
    const detail = `The body has the member "${name}" more than once.`;
    for (const path of ['/v1/session', '/v1/users', '/v1/roles', '/v1/api-keys']) {
      const auth = path === '/v1/session' ? undefined : key.token;
      const { status, json } = await latchkey.call('POST', path, { auth, headers, body });
      expect({ path, status, code: json.code, detail: json.detail }).toEqual({
        path,
        status: 400,
        code: 'malformed',
        detail,
      });
    }
    for (const path of [GENERATE, '/api/method/login', '/']) {
      const { status, json } = await latchkey.call('POST', path, { auth: key.token, headers, body });
      expect({ path, status, type: json.exc_type }).toEqual({ path, status: 400, type: 'BadRequest' });
      expect(json.exception).toContain(detail);
    }
    const v2 = await latchkey.call('POST', GENERATE.replace('api', 'api/v2'), { auth: key.token, headers, body });
    expect([v2.status, v2.json.errors[0].type]).toEqual([400, 'BadRequest']);
  });

  it.each([
    '{"name":"A","x":{"name":"B"},"y":[{"name":"C"},{"name":"D"}]}',
    '{"a":"a","b":"a","A":"a","\\"a":"a","a\\\\":1}',
    '{"a":",\\"a\\":1","b":"}{","c":["a","a"]}',
  ])('is not one in %s', async (body) => {
    const { status, json } = await latchkey.call('POST', '/v1/roles', { auth: key.token, headers, body });
    expect([status, json.code]).toEqual([422, 'validation_failed']); // of fields that there are not
  });

  it('is not told to who has not proved to be anybody', async () => {
    const body = '{"user":1,"user":2}';
    expect((await latchkey.call('POST', '/v1/roles', { headers, body })).status).toBe(401);
    expect((await latchkey.call('POST', '/api/method/ping', { auth: 'token a:b', headers, body })).status).toBe(401);
  });
});

describe('a body that is too large', () => {
  const blanks = (bytes: number) => `{${' '.repeat(bytes - 2)}}`;

  it.each([
    ['/v1/session', 4096],
    ['/v1/roles', 4096],
    ['/v1/api-keys', 16_384], // a hundred scopes and fifty networks
    ['/api/method/login', 4096],
    ['/api/v1/method/login', 4096],
    [GENERATE, 4096],
    ['/', 4096],
    ['/v1/users', 65_536],
  ])('for POST %s is one over %s bytes', async (path, bytes) => {
    const auth = /session|login/.test(path) ? undefined : key.token;
    const { status } = await latchkey.call('POST', path, { auth, headers, body: blanks(bytes) });
    expect(status).not.toBe(413);
    const over = await latchkey.call('POST', path, { auth, headers, body: blanks(bytes + 1) });
    expect([over.status, over.json.code ?? over.json.exc_type]).toEqual([
      413,
      path.startsWith('/v1') ? 'too_large' : 'RequestEntityTooLarge',
    ]);
  });

  it('is one of a form too', async () => {
    const form = { cmd: 'login', usr: 'x', pwd: 'y'.repeat(4096) };
    expect((await latchkey.call('POST', '/', { form })).status).toBe(413);
    expect((await latchkey.call('POST', '/api/method/login', { form })).status).toBe(413);
  });

  it('is not one with the longest values that there may be', async () => {
    const password = '😀'.repeat(512);
    const email = newName();
    const roles = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const name = `${'ß'.repeat(136)} ${100 + i}`;
        expect((await latchkey.call('POST', '/v1/roles', { auth: key.token, json: { name } })).status).toBe(201);
        return name;
      }),
    );
    const json = { email, fullName: '字'.repeat(140), roles, password };
    expect((await latchkey.call('POST', '/v1/users', { auth: key.token, json })).status).toBe(201);
    expect((await latchkey.call('POST', '/v1/session', { json: { user: email, password } })).status).toBe(201);
    await latchkey.call('PATCH', `/v1/users/${email}`, { auth: key.token, json: { password: 'x'.repeat(512) } });
    const form = { usr: email, pwd: 'x'.repeat(512) };
    expect((await latchkey.call('POST', '/api/method/login', { form })).status).toBe(200);
  });
});

describe('a body of very many members', () => {
  it.each([
    ['in an object', JSON.stringify(Object.fromEntries(Array.from({ length: 1100 }, (_, i) => [`f${i}`, 1])))],
    ['in an array', JSON.stringify({ roles: Array.from({ length: 1100 }, () => 'x') })],
    ['here and there', JSON.stringify({ roles: Array.from({ length: 600 }, () => [1, 2]) })],
  ])('%s is refused before it is made', async (_, body) => {
    const { status, json } = await latchkey.call('POST', '/v1/users', { auth: key.token, headers, body });
    expect([status, json.code, json.detail]).toEqual([400, 'malformed', 'The body has more than 1000 members.']);
  });
});

describe('a field of another type', () => {
  it.each([
    ['user', 'user must be a string.', {}],
    ['user', 'user must be a string.', []],
    ['user', 'user must be a string.', [{}, {}, [{}]]],
    ['user', 'user must be a string.', { a: { b: 1 } }],
    ['user', 'user must be a string.', 5],
    ['user', 'user must be a string.', null],
  ])('%s is refused as ever: %s (%j)', async (field, message, value) => {
    const { status, json } = await latchkey.call('POST', '/v1/session', { json: { [field]: value, password: {} } });
    const { errors } = json;
    expect([status, errors.map(({ message: each }: { message: string }) => each)]).toEqual([
      422,
      [message, 'password must be a string.'],
    ]);
  });

  it('in an array, and an array that is too long, are refused as ever', async () => {
    const post = (roles: unknown) =>
      latchkey.call('POST', '/v1/users', { auth: key.token, json: { email: newName(), fullName: 'X', roles } });
    const messages = async (roles: unknown) =>
      (await post(roles)).json.errors.map(({ message }: { message: string }) => message);
    expect(await messages([{ a: 1 }, 'x'])).toEqual(['each value in roles must be a string.']);
    expect(await messages([[]])).toEqual(['each value in roles must be a string.']);
    expect(await messages({ a: 1 })).toContain('roles must be an array.');
    expect(await messages(Array.from({ length: 101 }, () => 'x'))).toEqual([
      'roles must contain no more than 100 elements.',
    ]);
    expect((await post([])).status).toBe(201);
  });
});
