import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { crc32 } from 'node:zlib';
import { newName, startApp, type TestApp, type TestKey } from '../support/app.js';
import { basic } from '../support/http.js';

const GENERATE = '/api/method/frappe.core.doctype.user.user.generate_keys';
const DOCUMENT = '/api/method/frappe.core.doctype.user.user';
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

let latchkey: TestApp;
let manager: TestKey;
let ordinary: TestKey;
let user: string;

beforeAll(async () => {
  latchkey = await startApp();
  manager = await latchkey.key(['System Manager']);
  ordinary = await latchkey.key();
});
afterAll(() => latchkey.close());

async function newUser(): Promise<string> {
  const { json } = await latchkey.call('POST', '/v1/users', {
    auth: manager.token,
    json: { email: newName(), fullName: 'New' },
  });
  return json.name;
}
const works = async (apiKey: string, apiSecret: string) =>
  (await latchkey.call('GET', '/v1/me', { auth: `token ${apiKey}:${apiSecret}` })).status === 200;

describe('by RPC', () => {
  beforeAll(async () => {
    user = await newUser();
  });

  const ways: [string, () => Parameters<TestApp['call']>][] = [
    ['query', () => ['POST', `${GENERATE}?user=${user}`]],
    ['query, quoted as in the document', () => ['POST', `${DOCUMENT}?user=%22${user}%22`]],
    ['query, in single quotes', () => ['POST', `${DOCUMENT}?user=%27${user}%27`]],
    ["the document's spelling, GET", () => ['GET', `${DOCUMENT}?user="${user}"`]],
    ['form', () => ['POST', GENERATE, { form: { user } }]],
    ['JSON', () => ['POST', GENERATE, { json: { user } }]],
    [
      'JSON with a charset',
      () => ['POST', GENERATE, { json: { user }, headers: { 'content-type': 'application/json; charset=utf-8' } }],
    ],
    [
      'JSON type, empty body, query',
      () => ['POST', `${GENERATE}?user=${user}`, { headers: { 'content-type': 'application/json' } }],
    ],
    ['JSON wins over the query', () => ['POST', `${GENERATE}?user=nobody@example.com`, { json: { user } }]],
    ['an unknown argument is ignored', () => ['POST', GENERATE, { json: { user, x: 1 } }]],
    ['a trailing slash', () => ['POST', `${GENERATE}/?user=${user}`]],
    ['v1', () => ['POST', `${GENERATE.replace('/api/', '/api/v1/')}?user=${user}`]],
  ];
  it.each(ways)('%s', async (_, way) => {
    const [method, path, options] = way();
    const { status, json, headers } = await latchkey.call(method, path, { ...options, auth: manager.token });
    expect(status).toBe(200);
    expect(Object.keys(json.message)).toEqual(['api_key', 'api_secret']);
    expect(headers['cache-control']).toBe('no-store');
    expect(await works(json.message.api_key, json.message.api_secret)).toBe(true);
  });

  it('v2 has its own envelope', async () => {
    const { json } = await latchkey.call('POST', GENERATE.replace('/api/', '/api/v2/'), {
      auth: manager.token,
      json: { user },
    });
    expect(Object.keys(json.data)).toEqual(['api_key', 'api_secret']);
  });

  it('GET is for scheme token alone', async () => {
    const auth = basic(manager.apiKey, manager.apiSecret);
    const get = await latchkey.call('GET', `${GENERATE}?user=${user}`, { auth });
    expect(get.status).toBe(403);
    expect(get.json.exc_type).toBe('PermissionError');
    expect((await latchkey.call('POST', `${GENERATE}?user=${user}`, { auth })).status).toBe(200);
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'HEAD'])('%s never runs it', async (method) => {
    const before = await latchkey.keyOf(user);
    expect((await latchkey.call(method, `${GENERATE}?user=${user}`, { auth: manager.token })).status).toBe(403);
    expect(await works(before.apiKey, before.apiSecret)).toBe(true);
  });

  const wrong: [string, number, string, Parameters<TestApp['call']>[2]][] = [
    ['no argument', 417, 'TypeError', {}],
    ['null', 417, 'FrappeTypeError', { json: { user: null } }],
    ['a number', 417, 'FrappeTypeError', { json: { user: 1 } }],
    ['a list', 417, 'FrappeTypeError', { json: { user: ['x'] } }],
    ['an object', 417, 'FrappeTypeError', { json: { user: {} } }],
    ['an unknown user', 404, 'DoesNotExistError', { json: { user: 'nobody@example.com' } }],
    ['an empty name', 404, 'DoesNotExistError', { json: { user: '' } }],
    ['a JSON array', 417, 'TypeError', { json: ['x'] }],
    ['a JSON string', 417, 'ValidationError', { json: 'x' }],
    ['broken JSON', 417, 'ValidationError', { body: '{"user', headers: { 'content-type': 'application/json' } }],
    ['a prototype name', 417, 'TypeError', { json: { constructor: 'x' } }],
  ];
  it.each(wrong)('wrong input: %s', async (_, status, type, options) => {
    const answer = await latchkey.call('POST', GENERATE, { ...options, auth: manager.token });
    expect([answer.status, answer.json.exc_type]).toEqual([status, type]);
    expect(answer.text).not.toMatch(/lks_|node_modules|\.ts:|SELECT/);
  });

  it('a name given twice is refused', async () => {
    const { status, json } = await latchkey.call('POST', `${GENERATE}?user=${user}&user=x`, { auth: manager.token });
    expect([status, json.exc_type]).toEqual([417, 'FrappeTypeError']);
  });
});

describe('by REST', () => {
  it('POST /v1/api-keys gives the first one, and names it when there is one', async () => {
    const name = await newUser();
    const made = await latchkey.call('POST', '/v1/api-keys', { auth: manager.token, json: { user: name } });
    expect(made.status).toBe(201);
    expect(made.headers).toMatchObject({ location: `/v1/api-keys/${made.json.apiKey}`, 'cache-control': 'no-store' });
    expect(made.json).toMatchObject({ user: name, createdBy: manager.user, expiresAt: null });
    expect(await works(made.json.apiKey, made.json.apiSecret)).toBe(true);
    const again = await latchkey.call('POST', '/v1/api-keys', { auth: manager.token, json: { user: name } });
    expect([again.status, again.json.code]).toEqual([409, 'conflict']);
    expect(again.json.detail).toContain(made.json.apiKey);
    expect(await works(made.json.apiKey, made.json.apiSecret)).toBe(true);
  });

  it('POST …/secrets replaces the secret, with or without a body', async () => {
    const first = await latchkey.keyOf(await newUser());
    for (const options of [{}, { json: {} }, { json: { expiresAt: '2999-01-01T00:00:00Z' } }]) {
      const { status, json, headers } = await latchkey.call('POST', `/v1/api-keys/${first.apiKey}/secrets`, {
        ...options,
        auth: manager.token,
      });
      expect([status, headers['cache-control']]).toEqual([201, 'no-store']);
      expect(json.apiKey).toBe(first.apiKey);
      expect(await works(json.apiKey, json.apiSecret)).toBe(true);
      expect(await works(first.apiKey, first.apiSecret)).toBe(false);
    }
  });

  it.each([
    'yesterday',
    '2000-01-01T00:00:00Z',
    '2999-01-01',
    '2999-01-01T00:00:00',
    5,
    '2999-13-01T00:00:00Z',
    '2999-02-30T00:00:00Z',
    '2999-01-01T24:00:00Z',
  ])('refuses expiresAt %p', async (expiresAt) => {
    const name = await newUser();
    const { status, json } = await latchkey.call('POST', '/v1/api-keys', {
      auth: manager.token,
      json: { user: name, expiresAt },
    });
    expect([status, json.code, json.errors[0].field]).toEqual([422, 'validation_failed', 'expiresAt']);
  });

  it('an unknown user or key is 404', async () => {
    const unknown = await latchkey.call('POST', '/v1/api-keys', {
      auth: manager.token,
      json: { user: 'nobody@example.com' },
    });
    expect([unknown.status, unknown.json.code]).toEqual([404, 'not_found']);
    expect((await latchkey.call('POST', '/v1/api-keys/lk_x/secrets', { auth: manager.token })).status).toBe(404);
  });
});

describe('whatever the way', () => {
  it('the key stays, the secret changes, and the old one stops at once', async () => {
    const name = await newUser();
    const { json: first } = await latchkey.call('POST', GENERATE, { auth: manager.token, json: { user: name } });
    const { json: second } = await latchkey.call('POST', DOCUMENT, { auth: manager.token, form: { user: name } });
    expect(second.message.api_key).toBe(first.message.api_key);
    expect(second.message.api_secret).not.toBe(first.message.api_secret);
    expect(await works(first.message.api_key, first.message.api_secret)).toBe(false);
    expect(await works(second.message.api_key, second.message.api_secret)).toBe(true);
  });

  it('who is no System Manager gets 403, for any name, and never a key', async () => {
    for (const name of [ordinary.user, manager.user, 'nobody@example.com']) {
      for (const path of [GENERATE, DOCUMENT]) {
        const { status, json } = await latchkey.call('POST', path, { auth: ordinary.token, json: { user: name } });
        expect([status, json.exc_type]).toEqual([403, 'PermissionError']);
      }
      const rest = await latchkey.call('POST', '/v1/api-keys', { auth: ordinary.token, json: { user: name } });
      expect([rest.status, rest.json.code]).toEqual([403, 'forbidden']);
      expect(rest.json.detail).toContain('"System Manager"');
    }
    const own = await latchkey.call('POST', `/v1/api-keys/${ordinary.apiKey}/secrets`, { auth: ordinary.token });
    expect(own.status).toBe(403);
    expect(await works(ordinary.apiKey, ordinary.apiSecret)).toBe(true);
  });

  it('keys and secrets have their form, with a checksum', async () => {
    const { apiKey, apiSecret } = await latchkey.keyOf(await newUser());
    expect(apiKey).toMatch(/^lk_[0-9A-Za-z]{22}$/);
    expect(apiSecret).toMatch(/^lks_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/);
    const sum = apiSecret
      .slice(-6)
      .split('')
      .reduce((value, digit) => value * 62 + BASE62.indexOf(digit), 0);
    expect(sum).toBe(crc32(apiSecret.slice(0, -6)));
  });

  it('the secret is stored as a digest, and nowhere in clear', async () => {
    const { apiSecret } = await latchkey.keyOf(await newUser());
    for (const table of ['lk_users', 'lk_api_keys', 'lk_api_secrets', 'lk_user_roles']) {
      expect(JSON.stringify(await latchkey.dataSource.query(`SELECT * FROM ${table}`))).not.toContain(apiSecret);
    }
  });

  it('fifty at once for one user: one key, one live secret, no 5xx', async () => {
    const name = await newUser();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => latchkey.call('POST', GENERATE, { auth: manager.token, json: { user: name } })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ json }) => json.message.api_key)).size).toBe(1);
    const live = await Promise.all(answers.map(({ json }) => works(json.message.api_key, json.message.api_secret)));
    expect(live.filter(Boolean)).toHaveLength(1);
  });

  it('fifty first keys at once by REST: one is made', async () => {
    const name = await newUser();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        latchkey.call('POST', '/v1/api-keys', { auth: manager.token, json: { user: name } }),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(49);
  });
});
