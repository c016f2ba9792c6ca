import { connect } from 'node:net';
import { text as read } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { storedForm } from '../../src/api-keys/api-secret.js';
import { startApp, type TestApp, type TestKey } from '../support/app.js';
import { basic } from '../support/http.js';

const REST = '/v1/me';
const FRAPPE = '/api/method/frappe.auth.get_logged_user';
const CHALLENGE = 'token realm="latchkey", Basic realm="latchkey", charset="UTF-8"';
const b64 = (text: string) => Buffer.from(text).toString('base64');

let latchkey: TestApp;
let key: TestKey;
let unknown: TestKey;
const pairOf = ({ apiKey, apiSecret }: TestKey) => `${apiKey}:${apiSecret}`;

beforeAll(async () => {
  latchkey = await startApp();
  key = await latchkey.key();
  unknown = { ...key, apiKey: 'lk_0000000000000000000000' };
});
afterAll(() => latchkey.close());

/** One table for both schemes: how each writes a key pair. */
const schemes = {
  token: (pair: string) => `token ${pair}`,
  Basic: (pair: string) => `Basic ${b64(pair)}`,
};

describe.each(Object.entries(schemes))('scheme %s', (name, write) => {
  it.each([
    ['as documented', (header: string) => header],
    ['in capitals', (header: string) => header.replace(name, name.toUpperCase())],
    ['in small letters', (header: string) => header.replace(name, name.toLowerCase())],
    ['with blanks around the value', (header: string) => `  ${header}  `],
  ])('lets a good pair in: %s', async (_, spell) => {
    const auth = spell(write(pairOf(key)));
    const rest = await latchkey.call('GET', REST, { auth });
    expect(rest.status).toBe(200);
    expect(rest.json).toMatchObject({ name: key.user, credential: { type: 'api-key', apiKey: key.apiKey } });
    expect(rest.headers['set-cookie']).toBeUndefined();
    const frappe = await latchkey.call('GET', FRAPPE, { auth });
    expect(frappe.status).toBe(200);
    expect(frappe.json).toEqual({ message: key.user });
  });

  const bad: [string, (pair: string) => string | string[]][] = [
    ['wrong secret', () => write(`${key.apiKey}:lks_wrong`)],
    ['secret in another letter case', () => write(pairOf({ ...key, apiSecret: key.apiSecret.toLowerCase() }))],
    ['secret with a character more', () => write(`${pairOf(key)}x`)],
    ['unknown key', () => write(pairOf(unknown))],
    ['key in another letter case', () => write(pairOf({ ...key, apiKey: key.apiKey.toUpperCase() }))],
    ['empty secret', () => write(`${key.apiKey}:`)],
    ['empty key', () => write(`:${key.apiSecret}`)],
    ['both empty', () => write(':')],
    ['no colon', () => write('keysecret')],
    ['a second colon', () => write(`${pairOf(key)}:x`)],
    ['a colon at the end', () => write(`${pairOf(key)}:`)],
    ['scheme alone', () => name],
    ['two blanks', (pair) => write(pair).replace(' ', '  ')],
    ['a tab', (pair) => write(pair).replace(' ', '\t')],
    ['a third part', (pair) => `${write(pair)} x`],
    ['two headers, both good', (pair) => [write(pair), write(pair)]],
    ['over 4 KiB', () => write(`${key.apiKey}:${'x'.repeat(4200)}`)],
  ];
  it.each(bad)('refuses: %s', async (_, make) => {
    const auth = make(pairOf(key));
    const rest = await latchkey.call('GET', REST, { auth });
    expect(rest.status).toBe(401);
    expect(rest.json).toMatchObject({ status: 401, code: 'unauthenticated', title: 'Unauthorized' });
    expect(rest.headers['content-type']).toContain('application/problem+json');
    const frappe = await latchkey.call('GET', FRAPPE, { auth });
    expect(frappe.status).toBe(401);
    expect(frappe.json.exc_type).toBe('AuthenticationError');
    expect(JSON.parse(frappe.json.exc)).toHaveLength(1);
    for (const { headers } of [rest, frappe]) {
      expect(headers['www-authenticate']).toBe(CHALLENGE);
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['set-cookie']).toBeUndefined();
    }
  });

  it('never falls back to Guest: ping judges the header too', async () => {
    expect((await latchkey.call('GET', '/api/method/ping', { auth: write(pairOf(unknown)) })).status).toBe(401);
    expect((await latchkey.call('GET', '/api/method/ping', { auth: write(pairOf(key)) })).json).toEqual({
      message: 'pong',
    });
    expect((await latchkey.call('GET', '/nothing/here', { auth: write(pairOf(unknown)) })).status).toBe(401);
  });

  it('is the same for whatever is stored', async () => {
    const revoked = await latchkey.key();
    await latchkey.call('DELETE', `/v1/api-keys/${revoked.apiKey}/secrets`, { auth: revoked.token });
    const disabled = await latchkey.key();
    const admin = await latchkey.keyOf('Administrator');
    await latchkey.call('PATCH', `/v1/users/${disabled.user}`, { auth: admin.token, json: { enabled: false } });
    const answers = await Promise.all(
      [unknown, { ...key, apiSecret: 'wrong' }, revoked, disabled].map((pair) =>
        latchkey.call('GET', REST, { auth: write(pairOf(pair)) }),
      ),
    );
    const seen = answers.map(({ status, headers, json }) => {
      const { date: _date, 'x-request-id': _id, ...rest } = headers;
      return JSON.stringify([status, rest, { ...json, requestId: '' }]);
    });
    expect(new Set(seen).size).toBe(1);
    const frappe = await Promise.all(
      [unknown, revoked, disabled].map((pair) => latchkey.call('GET', FRAPPE, { auth: write(pairOf(pair)) })),
    );
    expect(new Set(frappe.map(({ text }) => text)).size).toBe(1);
    expect(Object.keys(frappe[0]!.json).toSorted()).toEqual(['exc', 'exc_type', 'exception']);
  });

  it('is read from the header only', async () => {
    for (const query of [
      `?api_key=${key.apiKey}&api_secret=${key.apiSecret}`,
      `?authorization=${write(pairOf(key))}`,
    ]) {
      expect((await latchkey.call('GET', REST + encodeURI(query))).status).toBe(401);
      expect((await latchkey.call('GET', FRAPPE + encodeURI(query))).status).toBe(403);
    }
  });
});

describe('without a header', () => {
  it('REST says 401, Frappe 403 and no key', async () => {
    const rest = await latchkey.call('GET', REST);
    expect(rest.status).toBe(401);
    expect(rest.headers['www-authenticate']).toBe(CHALLENGE);
    const frappe = await latchkey.call('GET', FRAPPE);
    expect(frappe.status).toBe(403);
    expect(frappe.json.exc_type).toBe('PermissionError');
    expect(frappe.headers['www-authenticate']).toBeUndefined();
    const generate = await latchkey.call(
      'POST',
      `/api/method/frappe.core.doctype.user.user.generate_keys?user=${key.user}`,
    );
    expect(generate.status).toBe(403);
    expect(generate.text).not.toContain('lks_');
    expect((await latchkey.call('POST', '/v1/api-keys', { json: { user: key.user } })).status).toBe(401);
  });
});

describe('neither scheme', () => {
  it.each(['', 'Bearer x', 'Foo x', 'Digest x=1', 'Tokenx a:b', 'xBasic GOOD', 'Basicx GOOD', 'key:secret'])(
    'refuses "%s"',
    async (spelled) => {
      const auth = spelled.replace('GOOD', b64(pairOf(key)));
      const rest = await latchkey.call('GET', REST, { auth });
      expect(rest.status).toBe(401);
      expect(rest.json.detail).toContain('Send "token <api_key>:<api_secret>"');
      expect((await latchkey.call('GET', FRAPPE, { auth })).status).toBe(401);
    },
  );
});

describe('Basic that does not decode', () => {
  const cases: [string, () => string][] = [
    [
      'no padding',
      () => basic(key.apiKey, key.apiSecret).replace(/=*$/, '') + (b64(pairOf(key)).endsWith('=') ? '' : 'A'),
    ],
    ['not encoded', () => `Basic ${pairOf(key)}`],
    ['foreign characters', () => `Basic ${b64(pairOf(key)).replace(/^(.)/, '$1!')}`],
    ['URL-safe alphabet', () => `Basic ${Buffer.from('~~~:???>').toString('base64url')}`],
    ['no UTF-8', () => `Basic ${Buffer.from([0x61, 0x3a, 0xff]).toString('base64')}`],
    ['a control character', () => `Basic ${b64('a:b\u0000c')}`],
  ];
  it.each(cases)('REST says 401, Frappe 400: %s', async (_, make) => {
    const rest = await latchkey.call('GET', REST, { auth: make() });
    expect(rest.status).toBe(401);
    const frappe = await latchkey.call('GET', FRAPPE, { auth: make() });
    expect(frappe.status).toBe(400);
    expect(frappe.json.exc_type).toBe('InvalidAuthorizationToken');
    expect(JSON.parse(JSON.parse(frappe.json._server_messages)[0]).message).toContain('Basic');
  });

  it("is told what is wrong with Python's b'…'", async () => {
    const auth = `Basic b'${b64(pairOf(key))}'`;
    const rest = await latchkey.call('GET', REST, { auth });
    expect(rest.status).toBe(401);
    expect(rest.json.detail).toContain('.decode()');
    const frappe = await latchkey.call('GET', FRAPPE, { auth });
    expect(frappe.status).toBe(401);
    expect(frappe.json.exception).toContain('.decode()');
  });
});

describe('the challenge', () => {
  const browserly = {
    'sec-fetch-mode': 'cors',
    origin: 'https://x.example',
    'x-requested-with': 'X',
    accept: 'text/html,*/*',
  };
  it.each(Object.entries(browserly))('leaves Basic out for a browser: %s', async (name, value) => {
    const { headers } = await latchkey.call('GET', REST, { headers: { [name]: value } });
    expect(headers['www-authenticate']).toBe('token realm="latchkey"');
  });
});

describe('what the HTTP parser refuses', () => {
  it('bytes that HTTP forbids: 400', async () => {
    const { hostname, port } = new URL(latchkey.url);
    const socket = connect(Number(port), hostname);
    socket.end(`GET ${REST} HTTP/1.1\r\nHost: x\r\nAuthorization: token a\u0001b:c\r\n\r\n`);
    expect(await read(socket)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('more than 16 KiB of headers: 431', async () => {
    expect((await latchkey.call('GET', REST, { headers: { 'x-long': 'x'.repeat(17_000) } })).status).toBe(431);
  });

  it('answers 15 kB of blanks and of letters at once', async () => {
    expect((await latchkey.call('GET', REST, { auth: `token ${' '.repeat(15_000)}x` })).status).toBe(401);
    expect((await latchkey.call('GET', REST, { auth: `Basic ${'A'.repeat(15_000)}` })).status).toBe(401);
  });
});

describe('health', () => {
  it('ignores the header', async () => {
    for (const path of ['/health/live', '/health/ready']) {
      expect((await latchkey.call('GET', path, { auth: 'token a:b' })).status).toBe(200);
    }
  });

  it('OPTIONS never authenticates', async () => {
    expect((await latchkey.call('OPTIONS', REST, { auth: 'token a:b' })).status).toBe(204);
  });
});

describe('a key', () => {
  it('is compared exactly: case, blanks, accents', async () => {
    const { apiKey, apiSecret } = await latchkey.key();
    await latchkey.dataSource.query('DELETE FROM lk_api_secrets WHERE api_key = ?', [apiKey]);
    await latchkey.dataSource.query("UPDATE lk_api_keys SET api_key = 'lk_cafe' WHERE api_key = ?", [apiKey]);
    const { algorithm, digest, hint } = storedForm(apiSecret);
    await latchkey.dataSource.query(
      `INSERT INTO lk_api_secrets (id, api_key, algorithm, digest, hint, created_at, created_by)
       VALUES ('imported', 'lk_cafe', ?, ?, ?, 0, 'command')`,
      [algorithm, digest, hint],
    );
    expect((await latchkey.call('GET', REST, { auth: basic('lk_cafe', apiSecret) })).status).toBe(200);
    for (const other of ['lk_caf\u00e9', 'lk_cafe\u0301', 'lk_Cafe', 'lk_cafe ', ' lk_cafe', 'lk_caf%', 'lk_caf_']) {
      expect((await latchkey.call('GET', REST, { auth: basic(other, apiSecret) })).status).toBe(401);
    }
  });
});

describe('a secret that holds a colon', () => {
  it('is whole in both schemes', async () => {
    const imported = await latchkey.key();
    const secret = 'old:style:secret';
    const { digest, hint } = storedForm(secret);
    await latchkey.dataSource.query('UPDATE lk_api_secrets SET digest = ?, hint = ? WHERE api_key = ?', [
      digest,
      hint,
      imported.apiKey,
    ]);
    for (const auth of [`token ${imported.apiKey}:${secret}`, basic(imported.apiKey, secret)]) {
      expect((await latchkey.call('GET', REST, { auth })).status).toBe(200);
    }
  });
});
