import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { freshDatabase, startApp, type TestApp, type TestDatabase } from '../support/app.js';

let database: TestDatabase;
let latchkey: TestApp;

beforeAll(async () => {
  database = await freshDatabase();
});
afterEach(() => latchkey.close());
afterAll(() => database.remove());

describe('security headers', () => {
  it.each([
    ['an answer', '/health/live'],
    ['a 401', '/v1/me'],
    ['a 404', '/nowhere'],
    ['what the framework refuses', '/v1/users/%zz'],
    ["Frappe's API", '/api/method/ping'],
  ])('are on %s', async (_, path) => {
    latchkey = await startApp({}, database);
    const { headers } = await latchkey.call('GET', path);
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'x-request-id': expect.any(String),
    });
    expect(headers['strict-transport-security']).toBeUndefined();
    expect([headers.server, headers['x-powered-by']]).toEqual([undefined, undefined]);
  });

  it('ask for https where users come by https', async () => {
    latchkey = await startApp({ publicUrl: 'https://keys.example.com' }, database);
    const { headers } = await latchkey.call('GET', '/health/live');
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
  });
});

describe('CORS_ORIGINS', () => {
  const preflight = (origin: string) =>
    latchkey.call('OPTIONS', '/v1/users', {
      auth: 'token bad:token', // not judged
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,if-match',
      },
    });

  it('lets pages of these origins ask and read, and of no other', async () => {
    latchkey = await startApp({ corsOrigins: ['https://app.example.com'] }, database);
    const allowed = await preflight('https://app.example.com');
    expect(allowed.status).toBe(204);
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'authorization,content-type,if-match',
      'access-control-allow-methods': expect.stringContaining('PATCH'),
      vary: expect.stringContaining('Origin'),
    });
    for (const origin of ['https://app.example.com.evil.example', 'http://app.example.com', 'null']) {
      const { status, headers } = await preflight(origin);
      expect([status, headers['access-control-allow-origin']]).toEqual([204, undefined]);
    }
    const { token } = await latchkey.key();
    for (const [path, auth] of [
      ['/v1/me', token],
      ['/v1/me', 'token a:b'],
      ['/v1/users/%zz', token],
    ] as const) {
      const { headers } = await latchkey.call('GET', path, { auth, headers: { origin: 'https://app.example.com' } });
      expect(headers['access-control-allow-origin']).toBe('https://app.example.com');
    }
  });

  it('unset, lets none', async () => {
    latchkey = await startApp({}, database);
    const { status, headers } = await preflight('https://app.example.com');
    expect([status, headers['access-control-allow-origin']]).toEqual([204, undefined]);
  });

  it('does not make a page of another origin the same site: Basic changes nothing from there', async () => {
    latchkey = await startApp({ corsOrigins: ['https://app.example.com'] }, database);
    const { apiKey, apiSecret } = await latchkey.key(['System Manager']);
    const auth = `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;
    const headers = { origin: 'https://app.example.com', 'sec-fetch-site': 'cross-site' };
    const answer = await latchkey.call('POST', '/v1/roles', { auth, headers, json: { name: 'Forged' } });
    expect(answer.json.code).toBe('cross_site');
    const token = `token ${apiKey}:${apiSecret}`;
    expect((await latchkey.call('POST', '/v1/roles', { auth: token, headers, json: { name: 'Asked' } })).status).toBe(
      201,
    );
  });
});

describe('TRUST_PROXY', () => {
  const warnings = () => latchkey.log.filter(({ level, msg }) => level === 'warn' && /TRUST_PROXY/.test(String(msg)));

  const addressOf = async (forwarded: string) => {
    const { headers } = await latchkey.call('GET', '/health/live', { headers: { 'x-forwarded-for': forwarded } });
    return (await latchkey.linesOf(headers['x-request-id'])).at(-1)!.address;
  };

  it('unset, believes nobody', async () => {
    latchkey = await startApp({}, database);
    expect(await addressOf('203.0.113.9')).toBe('127.0.0.1');
  });

  it('believes these proxies, and what stands before the first stranger', async () => {
    latchkey = await startApp({ trustProxy: ['127.0.0.0/8', '10.0.0.0/8'] }, database);
    expect(await addressOf('203.0.113.9')).toBe('203.0.113.9');
    expect(await addressOf('198.51.100.1, 203.0.113.9, 10.1.2.3')).toBe('203.0.113.9');
  });

  it('believes no other, and has the log say once what to set', async () => {
    latchkey = await startApp({ trustProxy: ['10.0.0.0/8'] }, database);
    for (let i = 0; i < 3; i++) expect(await addressOf('203.0.113.9')).toBe('127.0.0.1');
    expect(warnings()).toEqual([
      expect.objectContaining({ address: '127.0.0.1', remedy: 'TRUST_PROXY=10.0.0.0/8,127.0.0.1' }),
    ]);
  });

  it('unset, has the log say what to set; with the right list, or without a proxy, nothing', async () => {
    latchkey = await startApp({ host: '::ffff:127.0.0.1' }, database);
    await latchkey.call('GET', '/health/live');
    expect(warnings()).toEqual([]);
    await addressOf('203.0.113.9');
    expect(warnings()).toEqual([expect.objectContaining({ remedy: 'TRUST_PROXY=127.0.0.1' })]);
    await latchkey.close();
    latchkey = await startApp({ trustProxy: ['127.0.0.1'] }, database);
    for (const forwarded of ['203.0.113.9', '127.0.0.1', '198.51.100.1, 203.0.113.9']) await addressOf(forwarded);
    expect(warnings()).toEqual([]);
  });
});
