import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OPERATOR } from '../../src/users/principal.js';
import { startApp, type TestApp, type TestKey } from '../support/app.js';
import { basic } from '../support/http.js';

const PUBLIC_URL = 'https://keys.example.com';
const PASSWORD = 'a password to test with';
const GENERATE = '/api/method/frappe.core.doctype.user.user.generate_keys';

let latchkey: TestApp;
let manager: TestKey;
let user: TestKey;

beforeAll(async () => {
  latchkey = await startApp({ publicUrl: PUBLIC_URL });
  manager = await latchkey.key(['System Manager']);
});
afterAll(() => latchkey.close());

const table: [string, Record<string, string>, boolean][] = [
  ['no browser', {}, true],
  ['Sec-Fetch-Site: same-origin', { 'sec-fetch-site': 'same-origin' }, true],
  ['Sec-Fetch-Site: none', { 'sec-fetch-site': 'none' }, true],
  ['Sec-Fetch-Site: same-site', { 'sec-fetch-site': 'same-site' }, false],
  ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site' }, false],
  ['Sec-Fetch-Site of nonsense', { 'sec-fetch-site': 'x' }, false],
  ['Sec-Fetch-Site wins over our own Origin', { 'sec-fetch-site': 'cross-site', origin: PUBLIC_URL }, false],
  ['our own Origin', { origin: PUBLIC_URL }, true],
  ['another Origin', { origin: 'https://evil.example' }, false],
  ['Origin: null', { origin: 'null' }, false],
  ['our Origin with another port', { origin: `${PUBLIC_URL}:8443` }, false],
  ['our Origin, not encrypted', { origin: 'http://keys.example.com' }, false],
];

describe.each(table)('%s', (_, headers, passes) => {
  beforeAll(async () => {
    user = await latchkey.key();
  });

  it(`Basic: changes ${passes ? 'pass' : 'are refused'}, reading passes`, async () => {
    const auth = basic(manager.apiKey, manager.apiSecret);
    const rest = await latchkey.call('PATCH', `/v1/users/${user.user}`, { auth, headers, json: { fullName: 'X' } });
    expect(rest.status).toBe(passes ? 200 : 403);
    if (!passes) expect(rest.json.code).toBe('cross_site');
    const rpc = await latchkey.call('POST', `${GENERATE}?user=${user.user}`, { auth, headers });
    expect(rpc.status).toBe(passes ? 200 : 403);
    expect(rpc.text.includes('lks_')).toBe(passes);
    expect((await latchkey.call('GET', '/v1/me', { auth, headers })).status).toBe(200);
    expect((await latchkey.call('POST', '/api/method/frappe.auth.get_logged_user', { auth, headers })).status).toBe(
      200,
    );
  });

  it('token: everything passes', async () => {
    const auth = manager.token;
    const rest = await latchkey.call('PATCH', `/v1/users/${user.user}`, { auth, headers, json: { fullName: 'X' } });
    expect(rest.status).toBe(200);
    expect((await latchkey.call('POST', `${GENERATE}?user=${user.user}`, { auth, headers })).status).toBe(200);
    expect((await latchkey.call('GET', `${GENERATE}?user=${user.user}`, { auth, headers })).status).toBe(200);
  });

  it('HEAD never runs a method', async () => {
    const live = await latchkey.keyOf(user.user);
    for (const auth of [manager.token, basic(manager.apiKey, manager.apiSecret)]) {
      expect((await latchkey.call('HEAD', `${GENERATE}?user=${user.user}`, { auth, headers })).status).toBe(403);
    }
    expect((await latchkey.call('GET', '/v1/me', { auth: live.token })).status).toBe(200);
  });
});

it('every change of the REST API is refused to a forged call', async () => {
  const auth = basic(manager.apiKey, manager.apiSecret);
  const headers = { 'sec-fetch-site': 'cross-site' };
  for (const [method, path] of [
    ['POST', '/v1/users'],
    ['PATCH', '/v1/users/x'],
    ['DELETE', '/v1/users/x'],
    ['POST', '/v1/api-keys'],
    ['POST', '/v1/api-keys/x/secrets'],
    ['DELETE', '/v1/api-keys/x/secrets'],
    ['DELETE', '/v1/api-keys/x/secrets/y'],
  ] as const) {
    const { status, json } = await latchkey.call(method, path, { auth, headers });
    expect([method, path, status, json.code]).toEqual([method, path, 403, 'cross_site']);
  }
});

it('a method override is ignored', async () => {
  const live = await latchkey.key();
  const headers = { 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' };
  const { status } = await latchkey.call('GET', `/v1/users/${live.user}`, { auth: manager.token, headers });
  expect(status).toBe(200);
  expect((await latchkey.call('GET', '/v1/me', { auth: live.token })).status).toBe(200);
});

describe('without PUBLIC_URL', () => {
  let plain: TestApp;
  let host: string;
  beforeAll(async () => {
    plain = await startApp();
    host = new URL(plain.url).host;
    await plain.accounts.create(OPERATOR, { email: 'lan@example.com', fullName: 'L', password: PASSWORD });
  });
  afterAll(() => plain.close());

  it.each([
    ['the origin of the Host that is asked', () => ({ origin: `http://${host}` }), true],
    ['a name for it', () => ({ origin: 'http://keys.lan:8000', host: 'keys.lan:8000' }), true],
    ['a proxy that speaks TLS', () => ({ origin: 'https://keys.lan', host: 'keys.lan' }), true],
    ['another port', () => ({ origin: 'http://keys.lan:8001', host: 'keys.lan:8000' }), false],
    ['another host', () => ({ origin: 'http://evil.example', host: 'keys.lan' }), false],
    ['Origin: null', () => ({ origin: 'null', host: 'keys.lan' }), false],
  ] as const)('%s', async (_, make, passes) => {
    const headers = make();
    const body = { usr: 'lan@example.com', pwd: PASSWORD };
    for (const [method, path, json] of [
      ['POST', '/v1/session', { user: body.usr, password: body.pwd }],
      ['DELETE', '/v1/session', undefined],
      ['POST', '/api/method/login', body],
      ['POST', '/api/method/logout', undefined],
    ] as const) {
      const { status, text } = await plain.call(method, path, { headers, json });
      expect([method, path, status === 403]).toEqual([method, path, !passes]);
      if (!passes) expect(text).toContain('another site');
    }
  });

  it('log-out by GET: for programs, not for a browser that does not say where it was asked to', async () => {
    const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36' };
    for (const path of ['/api/method/logout', '/?cmd=logout']) {
      const refused = await plain.call('GET', path, { headers: browser });
      expect([refused.status, refused.json.exc_type]).toEqual([403, 'PermissionError']);
      expect((await plain.call('GET', path)).status).toBe(200);
    }
  });

  it('a refusal names the origin, and what would allow it', async () => {
    const headers = { origin: 'http://keys.lan:8000' };
    const { json } = await plain.call('DELETE', '/v1/session', { headers });
    expect(json).toMatchObject({
      code: 'cross_site',
      detail: expect.stringMatching(/PUBLIC_URL=http:\/\/keys\.lan:8000$/),
    });
  });
});
