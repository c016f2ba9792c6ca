import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newName, startApp, type TestApp } from '../support/app.js';
import { OPERATOR } from '../../src/users/principal.js';

let latchkey: TestApp;
let auth: string;

beforeAll(async () => {
  latchkey = await startApp();
  ({ token: auth } = await latchkey.key(['System Manager']));
  for (let i = 0; i < 30; i++) await latchkey.users.ensure(OPERATOR, { name: newName(), fullName: 'x'.repeat(100) });
});
afterAll(() => latchkey.close());

async function get(path: string, encoding?: string) {
  const headers = { authorization: auth, ...(encoding !== undefined && { 'accept-encoding': encoding }) };
  // fetch would unpack it, and ask for it by itself.
  const { default: http } = await import('node:http');
  return new Promise<{ encoding?: string; vary?: string; body: Buffer }>((resolve, reject) => {
    const sent = http.get(latchkey.url + path, { headers, agent: false }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      const { 'content-encoding': used, vary } = response.headers;
      resolve({ encoding: used, vary, body: Buffer.concat(chunks) });
    });
    sent.on('error', reject);
  });
}

describe('a long list', () => {
  it.each([
    ['br, gzip', 'br'],
    ['gzip;q=0.5, br;q=0', 'gzip'],
    ['GZIP', 'gzip'],
    ['identity', undefined],
    ['br;q=0, gzip; q=0.0', undefined],
    [undefined, undefined],
  ])('to who accepts %s goes out as %s', async (accepted, encoding) => {
    const path = '/v1/users?limit=20';
    const plain = await get(path);
    const one = await get(path, accepted);
    expect([one.encoding, one.vary]).toEqual([encoding, 'Accept-Encoding']);
    const unpack = { br: brotliDecompressSync, gzip: gunzipSync }[encoding ?? ''];
    expect((unpack ? unpack(one.body) : one.body).equals(plain.body)).toBe(true);
    if (unpack) expect(one.body.length).toBeLessThan(plain.body.length / 2);
  });

  it('so does the OpenAPI document', async () => {
    const { encoding, body } = await get('/docs/openapi.json', 'gzip');
    expect([encoding, JSON.parse(gunzipSync(body).toString()).openapi]).toEqual(['gzip', '3.1.0']);
  });
});

describe('goes out as it is', () => {
  it('what is short, and /v1/me', async () => {
    for (const path of ['/v1/roles', '/v1/me', '/health/ready', '/v1/users?cursor=nonsense'])
      expect([path, (await get(path, 'br')).encoding]).toEqual([path, undefined]);
  });

  it('what holds a secret, however long', async () => {
    const headers = { 'accept-encoding': 'br, gzip' };
    const user = newName();
    await latchkey.users.ensure(OPERATOR, { name: user, fullName: 'Some Body' });
    const made = await latchkey.call('POST', '/v1/api-keys', { auth, headers, json: { user } });
    const path = `/v1/api-keys/${made.json.apiKey}/secrets`;
    const again = await latchkey.call('POST', path, { auth, headers, json: {} });
    const rpc = '/api/method/frappe.core.doctype.user.user.generate_keys';
    const called = await latchkey.call('GET', `${rpc}?user=${user}&x=${'x'.repeat(2000)}`, { auth, headers });
    for (const { status, headers: got, text } of [made, again, called]) {
      expect([status < 300, got['content-encoding'], text.includes('lks_')]).toEqual([true, undefined, true]);
    }
  });

  it('what has an ETag', async () => {
    const roles = Array.from({ length: 40 }, (_, i) => `A role with a long name ${i} ${'x'.repeat(30)}`);
    for (const name of roles) await latchkey.call('POST', '/v1/roles', { auth, json: { name } });
    const { json } = await latchkey.call('POST', '/v1/users', {
      auth,
      json: { email: newName(), fullName: 'X', roles },
    });
    const { encoding, body } = await get(`/v1/users/${json.name}`, 'br');
    expect([encoding, body.length > 2000]).toEqual([undefined, true]);
  });
});
