import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/database/database.js';
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
    ['unknown keys', '127.5.0.1', (i: number) => `token lk_token${i}:x`],
    ['Basic', '127.5.0.2', (i: number) => `Basic ${Buffer.from(`lk_basic${i}:x`).toString('base64')}`],
  ])('are judged no more past the limit: %s', async (_, address, bad) => {
    for (let i = 0; i < LIMIT; i++) expect((await me(address, bad(i))).status).toBe(401);
    for (const path of ['/v1/me', '/api/method/frappe.auth.get_logged_user']) {
      const { status, retryAfter } = await me(address, bad(LIMIT), path);
      expect(status).toBe(429);
      expect(Number(retryAfter)).toBeGreaterThan(0);
      expect(Number(retryAfter)).toBeLessThanOrEqual(60);
    }
  });

  it('past the limit, good tokens still pass, known or not, and other guesses do not', async () => {
    const [known, unknown] = [await latchkey.key(), await latchkey.key()];
    expect((await me('127.5.0.3', known.token)).status).toBe(200);
    for (let i = 0; i < LIMIT; i++) expect((await me('127.5.0.3', `${known.token}${i}`)).status).toBe(401);
    expect((await me('127.5.0.3', `${known.token}x`)).status).toBe(429);
    expect((await me('127.5.0.3', `${unknown.token}x`)).status).toBe(429);
    expect((await me('127.5.0.3', known.token)).status).toBe(200);
    expect((await me('127.5.0.3', unknown.token)).status).toBe(200);
    expect((await me('127.5.0.4', `${unknown.token}x`)).status).toBe(401);
  });

  it('among hundreds of guesses, a good token that is not known yet gets in', async () => {
    const unknown = await latchkey.key();
    const guess = (i: number) => me('127.5.0.7', `token lk_many${i}:x`);
    const guesses = Array.from({ length: 400 }, (_, i) => guess(i));
    const good = me('127.5.0.7', unknown.token);
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect((await good).status).toBe(200);
    expect(statuses.filter((status) => status === 401).length).toBeLessThan(LIMIT + 400 / 4);
    expect(statuses.filter((status) => ![401, 429].includes(status))).toEqual([]);
  });

  it('a client that goes on with one dead token shuts nobody out', async () => {
    const dead = await latchkey.key();
    const others = [await latchkey.key(), await latchkey.key()];
    for (let i = 0; i < 3 * LIMIT; i++) expect((await me('127.5.0.5', dead.token)).status).toBe(200);
    expect((await latchkey.call('DELETE', `/v1/api-keys/${dead.apiKey}/secrets`, { auth: dead.token })).status).toBe(
      204,
    );
    for (let i = 0; i < 10 * LIMIT; i++) expect((await me('127.5.0.5', dead.token)).status).toBe(401);
    for (let i = 0; i < 10 * LIMIT; i++) expect((await me('127.5.0.5', 'token lk_nobodys:x')).status).toBe(401);
    for (const { token } of others) expect((await me('127.5.0.5', token)).status).toBe(200);
    expect((await me('127.5.0.5', 'token lk_others:x')).status).toBe(401);
  });

  it('a dead token costs no query for each request, and a new secret of its key is good at once', async () => {
    const boss = await latchkey.key(['System Manager']);
    const key = await latchkey.key();
    const path = `/v1/api-keys/${key.apiKey}/secrets`;
    expect((await latchkey.call('DELETE', path, { auth: boss.token })).status).toBe(204);
    expect((await me('127.5.0.8', key.token)).status).toBe(401);
    const { select } = latchkey.app.get(Database);
    let queries = 0;
    latchkey.app.get(Database).select = function (this: Database, ...args) {
      queries++;
      return select.apply(this, args) as never;
    };
    for (let i = 0; i < 20; i++) expect((await me('127.5.0.8', key.token)).status).toBe(401);
    expect(queries).toBeLessThanOrEqual(1); // when the poll brings the invalidation that is known already
    const { json } = await latchkey.call('POST', path, { auth: boss.token });
    const { apiSecret } = json;
    expect((await me('127.5.0.8', `token ${key.apiKey}:${apiSecret}`)).status).toBe(200);
    expect((await me('127.5.0.8', key.token)).status).toBe(401);
  });

  it('a header that is not well-formed is no credential', async () => {
    for (let i = 0; i < 2 * LIMIT; i++) expect((await me('127.5.0.6', 'token nonsense')).status).toBe(401);
    expect((await me('127.5.0.6', 'token lk_x:y')).status).toBe(401);
  });
});
