import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OPERATOR } from '../../src/users/principal.js';
import { startApp, type TestApp, type TestKey } from '../support/app.js';

const DAY = 24 * 60 * 60_000;

let latchkey: TestApp;
let administrator: TestKey;
let manager: TestKey;

beforeAll(async () => {
  latchkey = await startApp();
  administrator = await latchkey.keyOf('Administrator');
  manager = await latchkey.key(['System Manager'], 'manager@example.com');
});
afterAll(() => latchkey.close());

const overview = async ({ token }: TestKey = manager) => {
  const { status, json } = await latchkey.call('GET', '/v1/overview', { auth: token });
  expect(status).toBe(200);
  return json;
};

/** A user with a key by the manager. */
async function generate(name: string, json = {}): Promise<TestKey> {
  const user = `${name}@example.com`;
  await latchkey.users.create(OPERATOR, { email: user, fullName: `The ${name}` });
  const made = await latchkey.call('POST', '/v1/api-keys', { auth: manager.token, json: { user, ...json } });
  expect(made.status).toBe(201);
  const { apiKey, apiSecret } = made.json;
  return { user, apiKey, apiSecret, token: `token ${apiKey}:${apiSecret}` };
}

async function regenerate({ apiKey }: TestKey): Promise<void> {
  const path = `/v1/api-keys/${apiKey}/secrets`;
  expect((await latchkey.call('POST', path, { auth: manager.token })).status).toBe(201);
}

async function revoke({ apiKey }: TestKey, by = manager): Promise<void> {
  const { status } = await latchkey.call('DELETE', `/v1/api-keys/${apiKey}/secrets`, { auth: by.token });
  expect(status).toBe(204);
}

/** Puts what has happened to a key into the past, or its end there; in days before now. */
async function turnBack({ apiKey }: TestKey, days: Record<string, number>): Promise<void> {
  for (const [column, ago] of Object.entries(days)) {
    const values = [Date.now() - ago * DAY, apiKey];
    await latchkey.dataSource.query(`UPDATE lk_api_secrets SET ${column} = ? WHERE api_key = ?`, values);
    if (column === 'created_at')
      await latchkey.dataSource.query('UPDATE lk_api_keys SET created_at = ? WHERE api_key = ?', values);
  }
}

describe('the overview', () => {
  it('of nothing but who asks', async () => {
    const { keys } = await overview();
    expect(keys).toEqual({ live: 1, neverUsed: 1, dormant: 0, expiring: 0, revoked: 0 });
  });

  it('has what a known history comes to', async () => {
    const replaced = await generate('replaced');
    await regenerate(replaced);
    await revoke(await generate('revoked'));
    const own = await generate('own');
    await revoke(own, own);
    await generate('expiring', { expiresAt: new Date(Date.now() + 29 * DAY).toISOString() });
    await generate('lasting', { expiresAt: new Date(Date.now() + 31 * DAY).toISOString() });
    await turnBack(await generate('expired'), { created_at: 20.5, expires_at: 0.1 });
    await turnBack(await generate('forgotten'), { created_at: 91 });
    await turnBack(await generate('dormant'), { created_at: 200, last_used_at: 91 });
    await turnBack(await generate('used'), { created_at: 200, last_used_at: 89 });
    const [lately, before] = [await generate('lately'), await generate('before')];
    await revoke(lately);
    await turnBack(lately, { created_at: 40, revoked_at: 20.5 });
    await revoke(before);
    await turnBack(before, { created_at: 40, revoked_at: 31 });
    const gone = await generate('gone');
    await revoke(gone);
    await latchkey.users.delete(OPERATOR, gone.user);
    for (const state of ['live', 'dormant', 'expiring', 'revoked']) {
      const expiresAt = state === 'expiring' ? new Date(Date.now() + 9 * DAY).toISOString() : undefined;
      const disabled = await generate(`disabled.${state}`, { ...(expiresAt && { expiresAt }) });
      await turnBack(disabled, { created_at: 200, ...(state === 'dormant' && { last_used_at: 91 }) });
      if (state === 'revoked') await latchkey.apiKeys.revoke(OPERATOR, disabled.apiKey);
      if (state === 'revoked') await turnBack(disabled, { revoked_at: 40 });
      await latchkey.users.update(OPERATOR, disabled.user, { enabled: false });
    }

    const { keys } = await overview();
    // Live: the manager's, replaced, expiring, lasting, forgotten, dormant, used.
    // Revoked: revoked, own, expired, lately, before. None of the disabled.
    expect(keys).toEqual({ live: 7, neverUsed: 5, dormant: 2, expiring: 1, revoked: 5 });
  });

  it('counts what the list shows', async () => {
    const { keys } = await overview();
    for (const [name, key] of [
      ['live', 'live'],
      ['neverUsed', 'never-used'],
      ['dormant', 'unused-90-days'],
      ['expiring', 'expiring'],
      ['revoked', 'revoked'],
    ] as const) {
      const { json } = await latchkey.call('GET', `/v1/users/count?key=${key}&enabled=true`, { auth: manager.token });
      expect([name, json]).toEqual([name, { count: keys[name], atLeast: false }]);
    }
  });

  it('leaves Administrator out, but to Administrator', async () => {
    const [theirs, own] = [await overview(), await overview(administrator)];
    expect(own.keys).toEqual({ ...theirs.keys, live: theirs.keys.live + 1, neverUsed: theirs.keys.neverUsed + 1 });
    await latchkey.apiKeys.revoke(OPERATOR, administrator.apiKey);
    expect(await overview()).toEqual(theirs);
  });

  it('is for System Managers', async () => {
    const ordinary = await generate('ordinary');
    for (const path of ['/v1/overview', '/v1/users/count', '/v1/users?key=live']) {
      const { status, json } = await latchkey.call('GET', path, { auth: ordinary.token });
      expect([path, status, json.code]).toEqual([path, 403, 'forbidden']);
      expect([path, (await latchkey.call('GET', path)).status]).toEqual([path, 401]);
    }
  });
});

describe('a secret', () => {
  it('tells who revoked it, if it was not replaced', async () => {
    const key = await generate('told');
    await regenerate(key);
    await revoke(key);
    await latchkey.apiKeys.generate(OPERATOR, { user: key.user });
    await latchkey.apiKeys.revoke(OPERATOR, key.apiKey);
    const { json } = await latchkey.call('GET', `/v1/api-keys/${key.apiKey}`, { auth: manager.token });
    expect(json.secrets.map(({ revokedBy }: { revokedBy: string | null }) => revokedBy)).toEqual([
      'command',
      manager.user,
      null,
    ]);
    await latchkey.apiKeys.revoke(OPERATOR, key.apiKey);
    await revoke(key);
    expect((await latchkey.call('GET', `/v1/api-keys/${key.apiKey}`, { auth: manager.token })).json).toEqual(json);
  });
});
