import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { OPERATOR } from '../../src/users/principal.js';
import { startApp, type TestApp, type TestKey } from '../support/app.js';
import { basic } from '../support/http.js';

let latchkey: TestApp;
let manager: TestKey;

beforeAll(async () => {
  latchkey = await startApp();
  manager = await latchkey.key(['System Manager']);
});
afterAll(() => latchkey.close());

/** The status of the next request, by both schemes on both APIs. */
async function statuses({ apiKey, apiSecret }: { apiKey: string; apiSecret: string }): Promise<Set<number>> {
  const calls = [`token ${apiKey}:${apiSecret}`, basic(apiKey, apiSecret)].flatMap((auth) => [
    latchkey.call('GET', '/v1/me', { auth }),
    latchkey.call('GET', '/api/method/frappe.auth.get_logged_user', { auth }),
  ]);
  return new Set((await Promise.all(calls)).map(({ status }) => status));
}
const alive = new Set([200]);
const dead = new Set([401]);

describe('the next request is refused', () => {
  it('when the user is disabled, and accepted when enabled again', async () => {
    const key = await latchkey.key();
    const patch = (enabled: boolean) =>
      latchkey.call('PATCH', `/v1/users/${key.user}`, { auth: manager.token, json: { enabled } });
    expect(await statuses(key)).toEqual(alive);
    expect((await patch(false)).json.enabled).toBe(false);
    expect(await statuses(key)).toEqual(dead);
    await patch(true);
    expect(await statuses(key)).toEqual(alive);
  });

  it('when the user is deleted; one of the same name is another, with another key', async () => {
    const key = await latchkey.key();
    expect((await latchkey.call('DELETE', `/v1/users/${key.user}`, { auth: manager.token })).status).toBe(204);
    expect(await statuses(key)).toEqual(dead);
    expect((await latchkey.call('GET', `/v1/users/${key.user}`, { auth: manager.token })).status).toBe(404);
    expect((await latchkey.call('GET', `/v1/api-keys/${key.apiKey}`, { auth: manager.token })).status).toBe(404);
    const again = await latchkey.key([], key.user);
    expect(again.apiKey).not.toBe(key.apiKey);
    expect(await statuses(key)).toEqual(dead);
    expect(await statuses({ ...key, apiSecret: again.apiSecret })).toEqual(dead);
    expect(await statuses({ ...again, apiSecret: key.apiSecret })).toEqual(dead);
    expect(await statuses(again)).toEqual(alive);
    const [tombstone] = await latchkey.dataSource.query('SELECT user_id FROM lk_api_keys WHERE api_key = ?', [
      key.apiKey,
    ]);
    expect(tombstone.user_id).toBeNull();
    expect(await latchkey.dataSource.query('SELECT id FROM lk_api_secrets WHERE api_key = ?', [key.apiKey])).toEqual(
      [],
    );
  });

  it('when the role is taken', async () => {
    const second = await latchkey.key(['System Manager']);
    const list = () => latchkey.call('GET', '/v1/users', { auth: second.token });
    expect((await list()).status).toBe(200);
    await latchkey.call('PATCH', `/v1/users/${second.user}`, { auth: manager.token, json: { roles: [] } });
    expect((await list()).status).toBe(403);
    expect(await statuses(second)).toEqual(alive);
  });

  it('when all secrets of the key are revoked; a second time is 204 too, and the key stays', async () => {
    const key = await latchkey.key();
    for (const auth of [manager.token, manager.token]) {
      expect((await latchkey.call('DELETE', `/v1/api-keys/${key.apiKey}/secrets`, { auth })).status).toBe(204);
      expect(await statuses(key)).toEqual(dead);
    }
    const again = await latchkey.keyOf(key.user);
    expect(again.apiKey).toBe(key.apiKey);
    expect(await statuses(again)).toEqual(alive);
    expect(await statuses(key)).toEqual(dead);
  });

  it('when the owner revokes the own secret by its id', async () => {
    const key = await latchkey.key();
    const { json: me } = await latchkey.call('GET', '/v1/me', { auth: key.token });
    const path = `/v1/api-keys/${key.apiKey}/secrets/${me.credential.secretId}`;
    expect((await latchkey.call('DELETE', path, { auth: key.token })).status).toBe(204);
    expect(await statuses(key)).toEqual(dead);
    expect((await latchkey.call('DELETE', path, { auth: manager.token })).status).toBe(204);
    expect((await latchkey.call('DELETE', `${path}x`, { auth: manager.token })).status).toBe(404);
  });

  it('when the secret expires', async () => {
    const { user } = await latchkey.key();
    const expiresAt = new Date(Date.now() + 400);
    const key = await latchkey.apiKeys.generate(OPERATOR, { user, expiresAt });
    expect(await statuses(key)).toEqual(alive);
    await delay(expiresAt.getTime() - Date.now() + 1);
    expect(await statuses(key)).toEqual(dead);
  });

  it('when another of several live secrets is revoked, the rest live on', async () => {
    const key = await latchkey.key();
    const [row] = await latchkey.dataSource.query(
      'SELECT * FROM lk_api_secrets WHERE api_key = ? AND revoked_at IS NULL',
      [key.apiKey],
    );
    const next = await latchkey.keyOf(key.user);
    await latchkey.dataSource.query('UPDATE lk_api_secrets SET revoked_at = NULL WHERE id = ?', [row.id]);
    expect(await statuses(key)).toEqual(alive);
    expect(await statuses(next)).toEqual(alive);
    await latchkey.apiKeys.revoke(OPERATOR, key.apiKey, { secretId: row.id });
    expect(await statuses(key)).toEqual(dead);
    expect(await statuses(next)).toEqual(alive);
  });
});

describe('nobody revokes what is not theirs', () => {
  it('another user’s key looks non-existent', async () => {
    const [key, other] = [await latchkey.key(), await latchkey.key()];
    for (const [method, path] of [
      ['GET', `/v1/api-keys/${key.apiKey}`],
      ['DELETE', `/v1/api-keys/${key.apiKey}/secrets`],
      ['DELETE', `/v1/api-keys/${key.apiKey}/secrets/x`],
      ['GET', `/v1/users/${key.user}`],
      ['PATCH', `/v1/users/${key.user}`],
      ['DELETE', `/v1/users/${key.user}`],
    ] as const) {
      const { status, json } = await latchkey.call(method, path, {
        auth: other.token,
        ...(method === 'PATCH' && { json: { fullName: 'X' } }),
      });
      expect([status, json.code]).toEqual([404, 'not_found']);
    }
    expect(await statuses(key)).toEqual(alive);
  });
});
