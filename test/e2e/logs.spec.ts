import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp, type TestKey } from '../support/app.js';
import { basic } from '../support/http.js';

let latchkey: TestApp;
let manager: TestKey;

beforeAll(async () => {
  latchkey = await startApp();
  manager = await latchkey.key(['System Manager']);
});
afterAll(() => latchkey.close());

describe('one line for each row of the audit trail', () => {
  const call = (method: string, path: string, json?: unknown) =>
    latchkey.call(method, path, { auth: manager.token, ...(json !== undefined && { json }) });

  it('tells actor, credential, subject, address and request id', async () => {
    const { json: me } = await call('GET', '/v1/me');
    const user = await latchkey.key();
    const path = `/v1/users/${user.user}`;
    const rotation = ['secret.rotated', 'secret.revoked']; // the new secret, and the end of the old one
    const changes: [string[], () => ReturnType<typeof call>][] = [
      [rotation, () => call('POST', `/v1/api-keys/${user.apiKey}/secrets`)],
      [rotation, () => call('POST', '/api/method/frappe.core.doctype.user.user', { user: user.user })],
      [['secret.revoked'], () => call('DELETE', `/v1/api-keys/${user.apiKey}/secrets`)],
      [['roles.changed'], () => call('PATCH', path, { roles: ['System Manager'] })],
      [['user.disabled'], () => call('PATCH', path, { enabled: false })],
      [['user.enabled'], () => call('PATCH', path, { enabled: true })],
      [['user.deleted'], () => call('DELETE', path)],
    ];
    const numbers: unknown[] = [];
    for (const [events, change] of changes) {
      const { headers } = await change();
      const requestId = (headers as Record<string, string>)['x-request-id'];
      const lines = await latchkey.linesOf(requestId);
      const told = lines.filter((line) => line.event);
      numbers.push(...told.map((line) => line.n));
      expect(told).toEqual(
        events.map((event) =>
          expect.objectContaining({
            level: 'info',
            event,
            n: expect.any(Number),
            actor: manager.user,
            credential: me.credential.secretId,
            subject: user.user,
            address: '127.0.0.1',
            requestId,
          }),
        ),
      );
      expect(lines).toContainEqual(
        expect.objectContaining({ msg: 'request', user: manager.user, status: expect.any(Number) }),
      );
    }
    expect(numbers).toEqual(numbers.map((_, i) => Number(numbers[0]) + i));
  });

  it('a refused change leaves none', async () => {
    const { headers } = await call('POST', '/v1/api-keys', { user: 'nobody@example.com' });
    expect((await latchkey.linesOf(headers['x-request-id'])).filter((line) => line.event)).toEqual([]);
  });
});

describe('no secret', () => {
  it('wherever a caller has put it', async () => {
    const { apiKey, apiSecret, token } = await latchkey.key();
    const from = latchkey.log.length;
    let last: unknown;
    for (const [method, path, options] of [
      ['GET', `/v1/me?api_secret=${apiSecret}`, { auth: token }],
      ['GET', `/v1/users/${apiSecret}`, { auth: token }],
      ['GET', `/${apiSecret}`, { auth: token }],
      ['GET', `/api/method/${apiSecret}`, { auth: token }],
      ['POST', '/v1/users', { auth: manager.token, json: { email: apiSecret, fullName: apiSecret } }],
      [
        'POST',
        '/v1/users',
        { auth: manager.token, body: `{"password":"${apiSecret}`, headers: { 'content-type': 'application/json' } },
      ],
      ['POST', '/api/method/frappe.core.doctype.user.user', { auth: manager.token, json: { user: apiSecret } }],
      ['GET', '/v1/me', { auth: `token ${apiKey}:x${apiSecret}` }],
      ['GET', '/v1/me', { auth: basic(apiKey, `x${apiSecret}`) }],
      [
        'GET',
        '/v1/me',
        { auth: `Bearer ${apiSecret}`, headers: { 'x-request-id': apiSecret, 'user-agent': apiSecret } },
      ],
    ] as const) {
      last = (await latchkey.call(method, path, options)).headers['x-request-id'];
    }
    await latchkey.linesOf(last);
    const lines = latchkey.log.slice(from);
    expect(lines.length).toBeGreaterThanOrEqual(10);
    expect(JSON.stringify(lines)).not.toContain(apiSecret);
    expect(JSON.stringify(lines)).not.toContain(Buffer.from(`x${apiSecret}`).toString('base64').slice(4, 40));
  });
});
