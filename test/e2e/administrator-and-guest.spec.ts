import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OPERATOR } from '../../src/users/principal.js';
import type { Answer } from '../support/http.js';
import { startApp, type TestApp, type TestKey } from '../support/app.js';

const GENERATE = '/api/method/frappe.core.doctype.user.user.generate_keys';

let latchkey: TestApp;
let manager: TestKey;
let administrator: TestKey;

beforeAll(async () => {
  latchkey = await startApp();
  manager = await latchkey.key(['System Manager']);
  administrator = await latchkey.keyOf('Administrator');
});
afterAll(() => latchkey.close());

const works = async ({ token }: TestKey) => (await latchkey.call('GET', '/v1/me', { auth: token })).status === 200;

describe.each(['Administrator', 'Guest'])('to a System Manager, %s', (name) => {
  const attempts: [string, string, unknown, number][] = [
    ['GET', `/v1/users/${name}`, undefined, 404],
    ['PATCH', `/v1/users/${name}`, { enabled: false }, 404],
    ['PATCH', `/v1/users/${name}`, { roles: [] }, 404],
    ['PATCH', `/v1/users/${name}`, { fullName: 'X' }, 404],
    ['DELETE', `/v1/users/${name}`, undefined, 404],
    ['POST', '/v1/api-keys', { user: name }, 404],
    ['POST', '/v1/users', { email: name, fullName: 'X' }, 422],
    ['POST', GENERATE, { user: name }, 403],
    ['POST', GENERATE.replace('/api/', '/api/v2/'), { user: name }, 403],
    ['POST', GENERATE, { user: `"${name}"` }, 403],
    // Spellings that an engine may take for the name.
    ...[`${name}\0`, `${name}\0x`, `${name} `, name.toLowerCase(), `${name}\u0301`].flatMap(
      (user): [string, string, unknown, number][] => [
        // As people type it, it is the name.
        ['POST', GENERATE, { user }, user.trim().toLowerCase() === name.toLowerCase() ? 403 : 404],
        ['POST', '/v1/api-keys', { user }, 404],
        ['PATCH', `/v1/users/${encodeURIComponent(user)}`, { enabled: false }, 404],
        ['DELETE', `/v1/users/${encodeURIComponent(user)}`, undefined, 404],
      ],
    ),
  ];
  it.each(attempts)('%s %s %j is refused with %i', async (method, path, json, status) => {
    const answer = await latchkey.call(method, path, { auth: manager.token, ...(json !== undefined && { json }) });
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain('lks_');
    expect(await works(administrator)).toBe(true);
  });

  it('is in no list', async () => {
    const { json } = await latchkey.call('GET', '/v1/users?limit=100', { auth: manager.token });
    expect(json.data.map((user: { name: string }) => user.name)).not.toContain(name);
    const keys = await latchkey.call('GET', '/v1/api-keys?limit=100', { auth: manager.token });
    expect(keys.json.data.map((key: { user: string }) => key.user)).not.toContain(name);
    expect((await latchkey.call('GET', `/v1/api-keys?user=${name}`, { auth: manager.token })).json.data).toEqual([]);
  });

  it('looks like any name that does not exist', async () => {
    const [hidden, unknown] = await Promise.all(
      [name, 'nobody@example.com'].map((user) =>
        latchkey.call('POST', '/v1/api-keys', { auth: manager.token, json: { user } }),
      ),
    );
    const plain = ({ json }: Answer, shown: string) => ({
      ...json,
      requestId: '',
      detail: json.detail.replace(shown, 'x'),
    });
    expect(plain(hidden!, name)).toEqual(plain(unknown!, 'nobody@example.com'));
  });
});

it("a System Manager can't touch Administrator's key", async () => {
  const path = `/v1/api-keys/${administrator.apiKey}`;
  expect((await latchkey.call('GET', path, { auth: manager.token })).status).toBe(404);
  expect((await latchkey.call('POST', `${path}/secrets`, { auth: manager.token })).status).toBe(404);
  expect((await latchkey.call('DELETE', `${path}/secrets`, { auth: manager.token })).status).toBe(404);
  expect(await works(administrator)).toBe(true);
});

describe('Administrator', () => {
  it('sees and changes itself, and generates for itself', async () => {
    const user = await latchkey.call('GET', '/v1/users/Administrator', { auth: administrator.token });
    expect(user.json).toMatchObject({ name: 'Administrator', email: null, enabled: true, roles: ['System Manager'] });
    const renamed = await latchkey.call('PATCH', '/v1/users/Administrator', {
      auth: administrator.token,
      json: { fullName: 'Root' },
    });
    expect(renamed.json.fullName).toBe('Root');
    const { json } = await latchkey.call('POST', GENERATE, {
      auth: administrator.token,
      json: { user: 'Administrator' },
    });
    expect(json.message.api_key).toBe(administrator.apiKey);
    expect(await works(administrator)).toBe(false);
    administrator = await latchkey.keyOf('Administrator');
  });

  it.each([
    ['PATCH', { enabled: false }],
    ['PATCH', { roles: [] }],
    ['DELETE', undefined],
  ])('cannot be disabled, stripped or deleted, not even by itself: %s %j', async (method, json) => {
    const options = { auth: administrator.token, ...(json && { json }) };
    const answer = await latchkey.call(method, '/v1/users/Administrator', options);
    expect([answer.status, answer.json.code]).toEqual([409, 'conflict']);
    expect(await works(administrator)).toBe(true);
  });

  it('nor by the operator', async () => {
    await expect(latchkey.users.delete(OPERATOR, 'Administrator')).rejects.toMatchObject({ code: 'conflict' });
    await expect(latchkey.users.update(OPERATOR, 'Administrator', { enabled: false })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(latchkey.users.update(OPERATOR, 'Administrator', { roles: [] })).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});

describe('Guest', () => {
  it('is nobody, for Administrator and the operator too', async () => {
    expect((await latchkey.call('POST', GENERATE, { auth: administrator.token, json: { user: 'Guest' } })).status).toBe(
      403,
    );
    expect((await latchkey.call('GET', '/v1/users/Guest', { auth: administrator.token })).status).toBe(404);
    await expect(latchkey.apiKeys.generate(OPERATOR, { user: 'Guest' })).rejects.toMatchObject({ code: 'protected' });
    await expect(latchkey.users.ensure(OPERATOR, { name: 'Guest' })).rejects.toMatchObject({
      code: 'validation_failed',
    });
  });
});
