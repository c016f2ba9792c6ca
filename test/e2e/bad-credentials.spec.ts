import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';

const LIMIT = 5;

let latchkey: TestApp;
beforeAll(async () => {
  latchkey = await startApp({ badCredentialsPerMinute: LIMIT });
});
afterAll(() => latchkey.close());

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/** Each test has an address of its own: all of 127.0.0.0/8 is this machine. */
function me(localAddress: string, authorization: string, path = '/v1/me'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(latchkey.url + path, { localAddress, headers: { authorization } }, (response) => {
      response.resume();
      resolve({ status: response.statusCode!, retryAfter: response.headers['retry-after'] });
    });
    sent.on('error', reject).end();
  });
}

describe('bad credentials from one address', () => {
  it.each([
    ['unknown keys', '127.5.0.1', (i: number) => `token lk_unknown${i}:x`],
    ['Basic', '127.5.0.2', (i: number) => `Basic ${Buffer.from(`lk_unknown${i}:x`).toString('base64')}`],
  ])('are judged no more past the limit: %s', async (_, address, bad) => {
    for (let i = 0; i < LIMIT; i++) expect((await me(address, bad(i))).status).toBe(401);
    for (const path of ['/v1/me', '/api/method/frappe.auth.get_logged_user']) {
      const { status, retryAfter } = await me(address, bad(LIMIT), path);
      expect(status).toBe(429);
      expect(Number(retryAfter)).toBeGreaterThan(0);
      expect(Number(retryAfter)).toBeLessThanOrEqual(60);
    }
  });

  it('past the limit, tokens that are known still pass, and others do not; elsewhere all do', async () => {
    const [known, unknown] = [await latchkey.key(), await latchkey.key()];
    expect((await me('127.5.0.3', known.token)).status).toBe(200);
    for (let i = 0; i < LIMIT; i++) expect((await me('127.5.0.3', `${known.token}x`)).status).toBe(401);
    expect((await me('127.5.0.3', `${known.token}x`)).status).toBe(429);
    expect((await me('127.5.0.3', known.token)).status).toBe(200);
    expect((await me('127.5.0.3', unknown.token)).status).toBe(429);
    expect((await me('127.5.0.4', unknown.token)).status).toBe(200);
    expect((await me('127.5.0.3', unknown.token)).status).toBe(200); // known by now
  });

  it('a revoked token is bad, and what was good before does not count', async () => {
    const key = await latchkey.key();
    for (let i = 0; i < 3 * LIMIT; i++) expect((await me('127.5.0.5', key.token)).status).toBe(200);
    expect((await latchkey.call('DELETE', `/v1/api-keys/${key.apiKey}/secrets`, { auth: key.token })).status).toBe(204);
    for (let i = 0; i < LIMIT; i++) expect((await me('127.5.0.5', key.token)).status).toBe(401);
    expect((await me('127.5.0.5', key.token)).status).toBe(429);
  });

  it('a header that is not well-formed is no credential', async () => {
    for (let i = 0; i < 2 * LIMIT; i++) expect((await me('127.5.0.6', 'token nonsense')).status).toBe(401);
    expect((await me('127.5.0.6', 'token lk_x:y')).status).toBe(401);
  });
});
