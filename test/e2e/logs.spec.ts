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

describe('one line for each change', () => {
  const call = (method: string, path: string, json?: unknown) =>
    latchkey.call(method, path, { auth: manager.token, ...(json !== undefined && { json }) });

  it('tells actor, credential, subject, address and request id', async () => {
    const { json: me } = await call('GET', '/v1/me');
    const user = await latchkey.key();
    const path = `/v1/users/${user.user}`;
    const changes: [string, Promise<{ headers: object }>][] = [
      ['api_key.generated', call('POST', `/v1/api-keys/${user.apiKey}/secrets`)],
      ['api_key.generated', call('POST', '/api/method/frappe.core.doctype.user.user', { user: user.user })],
      ['api_secret.revoked', call('DELETE', `/v1/api-keys/${user.apiKey}/secrets`)],
      ['user.roles_changed', call('PATCH', path, { roles: ['System Manager'] })],
      ['user.disabled', call('PATCH', path, { enabled: false })],
      ['user.enabled', call('PATCH', path, { enabled: true })],
    ];
    const answers = await Promise.all(changes.map(async ([event, answer]) => [event, await answer] as const));
    answers.push(['user.deleted', await call('DELETE', path)]);
    for (const [event, { headers }] of answers) {
      const requestId = (headers as Record<string, string>)['x-request-id'];
      const lines = await latchkey.linesOf(requestId);
      expect(lines.filter((line) => line.event)).toEqual([
        expect.objectContaining({
          level: 'info',
          event,
          actor: manager.user,
          credential: me.credential.secretId,
          subject: user.user,
          address: '127.0.0.1',
          requestId,
        }),
      ]);
      expect(lines).toContainEqual(
        expect.objectContaining({ msg: 'request', user: manager.user, status: expect.any(Number) }),
      );
    }
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
