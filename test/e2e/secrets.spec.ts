import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type EntityManager, Like } from 'typeorm';
import { ApiSecret } from '../../src/api-keys/api-secret.entity.js';
import { Scope } from '../../src/api-keys/scope.entity.js';
import { grantScopes, ScopesService } from '../../src/api-keys/scopes.service.js';
import { OPERATOR, SYSTEM_MANAGER } from '../../src/users/principal.js';
import { LastUse } from '../../src/verification/last-use.js';
import { latchkeyHere } from '../support/command.js';
import { freshDatabase, newName, startApp, type TestApp, type TestKey } from '../support/app.js';
import type { Answer, Options } from '../support/http.js';
import { environment } from '../support/process.js';

/** Several secrets of one key, and how one takes the place of another (SECRETS.md, sections 1 and 2). */

const DAY = 24 * 60 * 60_000;
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

let latchkey: TestApp;
let manager: TestKey;

beforeAll(async () => {
  latchkey = await startApp();
  manager = await latchkey.key([SYSTEM_MANAGER]);
  const scopes = latchkey.app.get(ScopesService, { strict: false });
  for (const name of ['reports:read', 'reports:write']) await scopes.create(OPERATOR, { name, description: name });
});
afterAll(() => latchkey.close());

const call = (method: string, path: string, options: Options = {}) =>
  latchkey.call(method, path, { auth: manager.token, ...options });
const me = async ({ apiKey, apiSecret }: Pick<TestKey, 'apiKey' | 'apiSecret'>) =>
  (await latchkey.call('GET', '/v1/me', { auth: `token ${apiKey}:${apiSecret}` })).status;
const outcome = ({ status, json }: Answer) => [status, json?.code];

/** A new user's key, and what can be done with it as a System Manager. */
async function newKey(first: object = {}) {
  const email = newName();
  await latchkey.users.create(OPERATOR, { email, fullName: 'Some Body' });
  const made = await call('POST', '/v1/api-keys', { json: { user: email, ...first } });
  if (made.status !== 201) throw new Error(made.text);
  const { apiKey } = made.json;
  const path = `/v1/api-keys/${apiKey}/secrets`;
  return {
    user: email,
    apiKey,
    first: made.json,
    path,
    add: (json?: object, options: Options = {}) => call('POST', path, { ...(json && { json }), ...options }),
    patch: (id: string, json: object, options: Options = {}) => call('PATCH', `${path}/${id}`, { json, ...options }),
    revoke: (rest = '', options: Options = {}) => call('DELETE', `${path}${rest}`, options),
    read: async () => (await call('GET', `/v1/api-keys/${apiKey}`)).json.secrets,
    /** The state of a secret, and of what name. */
    async states(): Promise<string[]> {
      return (await this.read()).map((each: { name: string; state: string }) => `${each.name} ${each.state}`);
    },
  };
}

const lifetime = (secret: { createdAt: string; expiresAt: string | null }) =>
  secret.expiresAt === null ? null : Date.parse(secret.expiresAt) - Date.parse(secret.createdAt);
const inSeconds = (seconds: number) => new Date(Date.now() + 1000 * seconds).toISOString();

/** Has a secret expire now. */
async function expire(id: string): Promise<void> {
  const past = { createdAt: new Date(Date.now() - DAY), expiresAt: new Date(Date.now() - 1) };
  await latchkey.dataSource.getRepository(ApiSecret).update({ id }, past);
}

describe('a secret of another name', () => {
  it('is one more: the key stays, and the others are not touched', async () => {
    const key = await newKey();
    const ci = await key.add({ name: '  ci  ', scopes: ['keys:read', 'keys:read'], allowedNetworks: ['127.0.0.1'] });
    expect([ci.status, ci.headers['cache-control']]).toEqual([201, 'no-store']);
    expect(ci.json).toMatchObject({
      apiKey: key.apiKey,
      name: 'ci',
      scopes: ['keys:read'],
      allowedNetworks: ['127.0.0.1/32'],
      expiresAt: null,
      replaced: null,
      otherNames: ['default'],
      createdBy: manager.user,
    });
    expect([await me(key.first), await me(ci.json)]).toEqual([200, 200]);
    const [newest, oldest] = await key.read();
    expect(newest).toEqual({
      id: ci.json.secretId,
      name: 'ci',
      hint: ci.json.apiSecret.slice(-4),
      state: 'live',
      scopes: ['keys:read'],
      allowedNetworks: ['127.0.0.1/32'],
      limits: null,
      createdAt: ci.json.createdAt,
      createdBy: manager.user,
      expiresAt: null,
      revokedAt: null,
      revokedBy: null,
      lastUsedAt: null,
      lastUsedFrom: null,
      replaces: null,
    });
    expect(oldest).toMatchObject({ name: 'default', scopes: null, allowedNetworks: null, state: 'live' });
  });

  it('is compared exactly', async () => {
    const key = await newKey();
    for (const name of ['ci', 'CI', 'Ci', 'c i', '\u00e7', 'c\u0327', 'Default', 'ci.']) {
      expect((await key.add({ name })).json.replaced).toBeNull();
    }
    expect(await key.states()).toHaveLength(9);
    const answer = await key.add({ name: 'ci' });
    expect(answer.json.otherNames).toEqual(
      ['CI', 'Ci', 'Default', 'c i', 'ci.', 'default', '\u00e7', 'c\u0327'].toSorted(),
    );
  });

  it('can be there twenty times, and not once more; whose name is dead is not counted', async () => {
    const key = await newKey();
    for (let i = 1; i < 20; i++) expect((await key.add({ name: `n${i}` })).status).toBe(201);
    const more = await key.add({ name: 'one more' });
    expect(outcome(more)).toEqual([409, 'conflict']);
    expect(more.json.detail).toContain('20');
    expect((await key.add({ name: 'n7', overlapSeconds: 60 })).status).toBe(201);
    expect((await key.add()).status).toBe(201);
    await key.revoke('?name=n3');
    const again = await Promise.all(['a', 'b', 'c'].map((name) => key.add({ name })));
    expect(again.map(({ status }) => status).toSorted()).toEqual([201, 409, 409]);
  });

  it('has a name of 60 characters at most, a hundred scopes, fifty networks', async () => {
    const key = await newKey();
    const long = '\u{1f511}'.repeat(60);
    expect((await key.add({ name: long })).json.name).toBe(long);
    for (const name of ['x'.repeat(61), '', '  ', 'a\nb', 'a\0', '\u202ex', null, 5]) {
      expect(outcome(await key.add({ name }))).toEqual([422, 'validation_failed']);
    }
    const scopes = latchkey.app.get(ScopesService, { strict: false });
    const names = Array.from({ length: 100 }, (_, i) => `${'x'.repeat(97)}${String(i).padStart(3, '0')}`);
    for (const name of names) await scopes.create(OPERATOR, { name, description: 'X' });
    const networks = Array.from(
      { length: 50 },
      (_, i) => `2001:db8:aaaa:bbbb:cccc:dddd:eeee:${(4096 + i).toString(16)}`,
    );
    const full = await key.add({ name: 'full', scopes: names, allowedNetworks: networks });
    expect([full.status, full.json.scopes?.length, full.json.allowedNetworks?.length]).toEqual([201, 100, 50]);
    expect((await key.patch(full.json.secretId, { scopes: names, allowedNetworks: networks })).status).toBe(200);
    expect((await key.add({ scopes: [...names, 'reports:read'] })).status).toBe(422);
    expect((await key.add({ allowedNetworks: [...networks, '10.0.0.1'] })).status).toBe(422);
    expect((await key.add({ allowedNetworks: [] })).status).toBe(422);
  });

  it('is not touched by Generate Keys, whose place is "default"', async () => {
    const key = await newKey();
    const ci = (await key.add({ name: 'ci' })).json;
    const rpc = await call('POST', '/api/method/frappe.core.doctype.user.user.generate_keys', {
      json: { user: key.user },
    });
    expect(rpc.json.message.api_key).toBe(key.apiKey);
    expect([await me(key.first), await me(ci)]).toEqual([401, 200]);
    expect(await me({ apiKey: key.apiKey, apiSecret: rpc.json.message.api_secret })).toBe(200);
  });
});

describe('a rotation', () => {
  it('without an overlap: the old one is dead when the call has answered', async () => {
    const key = await newKey();
    expect(await me(key.first)).toBe(200);
    const { json } = await key.add({ overlapSeconds: 0 });
    expect([await me(key.first), await me(json)]).toEqual([401, 200]);
    expect(json.replaced).toMatchObject({
      id: key.first.secretId,
      hint: key.first.hint,
      lastUsedAt: null,
      lastUsedFrom: null,
    });
    expect(Date.parse(json.replaced.expiresAt)).toBeLessThanOrEqual(Date.now());
    const [now, before] = await key.read();
    expect([now.replaces, before.state, before.revokedBy]).toEqual([key.first.secretId, 'revoked', null]);
  });

  it('with an overlap: both are good, the old one until then', async () => {
    const key = await newKey();
    const { json } = await key.add({ overlapSeconds: 3600 });
    expect([await me(key.first), await me(json)]).toEqual([200, 200]);
    const end = Date.parse(json.replaced.expiresAt) - Date.now();
    expect(end).toBeGreaterThan(3590_000);
    expect(end).toBeLessThanOrEqual(3600_000);
    expect(await key.states()).toEqual(['default live', 'default retiring']);
    expect((await key.read())[1].expiresAt).toBe(json.replaced.expiresAt);
  });

  it('ends the old one no later than its own end', async () => {
    const key = await newKey({ expiresAt: inSeconds(120) });
    const { json } = await key.add({ overlapSeconds: 3600 });
    expect(json.replaced.expiresAt).toBe(key.first.expiresAt);
    expect((await key.read())[1]).toMatchObject({ state: 'retiring', expiresAt: key.first.expiresAt });
  });

  it.each([1, 59, 7_776_001, -1, 1.5, '3600', null, true, 1e300])(
    'refuses an overlap of %p',
    async (overlapSeconds) => {
      const key = await newKey();
      const refused = await key.add({ overlapSeconds });
      expect(outcome(refused)).toEqual([422, 'validation_failed']);
      expect(refused.json.errors[0].field).toBe('overlapSeconds');
      expect(await me(key.first)).toBe(200);
    },
  );

  it.each([60, 7_776_000])('takes one of %p', async (overlapSeconds) => {
    expect((await (await newKey()).add({ overlapSeconds })).status).toBe(201);
  });

  it('with an overlap, while another is under way, is 409 and says what of', async () => {
    const key = await newKey();
    const { json } = await key.add({ overlapSeconds: 3600 });
    const refused = await key.add({ overlapSeconds: 60 });
    expect(outcome(refused)).toEqual([409, 'conflict']);
    expect(refused.json.detail).toContain(key.first.secretId);
    expect(refused.json.detail).toContain(json.replaced.expiresAt);
    expect(refused.json.detail).toContain('never used');
    expect([await me(key.first), await me(json)]).toEqual([200, 200]);
    // Of another name it is no business.
    expect((await key.add({ name: 'ci' })).status).toBe(201);
    expect((await key.add({ name: 'ci', overlapSeconds: 60 })).status).toBe(201);
    const atOnce = await key.add();
    expect(atOnce.json.replaced.id).toBe(json.secretId);
    expect([await me(key.first), await me(json), await me(atOnce.json)]).toEqual([401, 401, 200]);
    expect((await key.states()).filter((state) => state.startsWith('default'))).toEqual([
      'default live',
      'default revoked',
      'default revoked',
    ]);
  });

  it('inherits scopes, networks and lifetime; null says none on purpose', async () => {
    const limits = { scopes: ['reports:read'], allowedNetworks: ['127.0.0.0/8'], expiresAt: inSeconds(30 * 86_400) };
    const key = await newKey(limits);
    await latchkey.dataSource
      .getRepository(ApiSecret)
      .update({ id: key.first.secretId }, { createdAt: new Date(Date.now() - 10 * DAY) });
    const old = (await key.read())[0];
    const inherits = (await key.add()).json;
    expect(inherits).toMatchObject({ scopes: ['reports:read'], allowedNetworks: ['127.0.0.0/8'] });
    expect(lifetime(inherits)).toBe(lifetime(old));
    expect(lifetime(old)).toBeGreaterThan(39 * DAY);
    const none = (await key.add({ scopes: null, allowedNetworks: null, expiresAt: null })).json;
    expect(none).toMatchObject({ scopes: null, allowedNetworks: null, expiresAt: null });
    const empty = (await key.add({ scopes: [] })).json;
    expect([empty.scopes, empty.allowedNetworks]).toEqual([[], null]);
    expect((await key.add()).json.scopes).toEqual([]);
    const some = (await key.add({ allowedNetworks: ['::1'] })).json;
    expect(some).toMatchObject({ scopes: [], allowedNetworks: ['::1/128'], expiresAt: null });
    // A name of its own inherits nothing.
    expect((await key.add({ name: 'ci' })).json).toMatchObject({ scopes: null, allowedNetworks: null });
  });

  it('with an overlap passes on the limits and the lifetime as they were before it', async () => {
    const key = await newKey({ scopes: ['reports:read'], expiresAt: inSeconds(30 * 86_400) });
    const was = lifetime((await key.read())[0]);
    const { json } = await key.add({ overlapSeconds: 60 });
    expect([lifetime(json), json.scopes]).toEqual([was, ['reports:read']]);
  });

  it('of an expired secret: it is dead, and what it was is inherited', async () => {
    const key = await newKey({ scopes: ['reports:read'], expiresAt: inSeconds(86_400) });
    await expire(key.first.secretId);
    expect([await key.states(), await me(key.first)]).toEqual([['default expired'], 401]);
    const { status, json } = await key.add({ overlapSeconds: 60 });
    expect([status, json.scopes, json.replaced.id]).toEqual([201, ['reports:read'], key.first.secretId]);
    expect(Date.parse(json.replaced.expiresAt)).toBeLessThanOrEqual(Date.now());
    expect([await me(key.first), await me(json)]).toEqual([401, 200]);
  });

  it('of a revoked secret too: one that takes its place is good for no more', async () => {
    const key = await newKey();
    const limits = { scopes: ['reports:read'], allowedNetworks: ['127.0.0.0/8'] };
    await key.add({ name: 'ci', ...limits });
    await key.revoke();
    expect((await key.add({ name: 'ci' })).json).toMatchObject({ ...limits, replaced: null });
    expect((await key.add({ name: 'another' })).json).toMatchObject({ scopes: null, allowedNetworks: null });
  });

  it('says who used the old one last, and from where', async () => {
    const key = await newKey();
    const agent = `slow/${'1'.repeat(200)}`;
    await latchkey.call('GET', '/v1/me', {
      auth: `token ${key.apiKey}:${key.first.apiSecret}`,
      headers: { 'user-agent': agent },
    });
    await latchkey.app.get(LastUse, { strict: false }).onApplicationShutdown(); // as the timer does
    const { json } = await key.add({ overlapSeconds: 60 });
    const from = { address: '127.0.0.1', userAgent: agent.slice(0, 120) };
    expect(json.replaced).toMatchObject({ lastUsedAt: expect.any(String), lastUsedFrom: from });
    expect((await key.read())[1]).toMatchObject({ lastUsedFrom: from });
    expect((await key.add({ overlapSeconds: 60 })).json.detail).toContain(json.replaced.lastUsedAt);
  });

  it('rolls back: the new one is deleted, the end of the old one moved, and it is the current one again', async () => {
    const key = await newKey();
    const { json } = await key.add({ overlapSeconds: 60 });
    expect(outcome(await key.patch(key.first.secretId, { expiresAt: null }))).toEqual([422, 'validation_failed']);
    expect((await key.revoke(`/${json.secretId}`)).status).toBe(204);
    expect([await me(key.first), await me(json)]).toEqual([200, 401]);
    expect((await key.patch(key.first.secretId, { expiresAt: null })).status).toBe(200);
    const states = await key.read();
    expect(states.map((each: { state: string }) => each.state)).toEqual(['revoked', 'live']);
    expect(states[1].expiresAt).toBeNull();
    // And forwards again.
    const next = await key.add({ overlapSeconds: 60 });
    expect([next.status, next.json.replaced.id, next.json.expiresAt]).toEqual([201, key.first.secretId, null]);
    expect([await me(key.first), await me(next.json)]).toEqual([200, 200]);
  });

  it('in the other order too: first the end is moved, then the new one deleted', async () => {
    const key = await newKey();
    const { json } = await key.add({ overlapSeconds: 60 });
    const kept = await key.patch(key.first.secretId, { expiresAt: inSeconds(86_400) });
    expect([kept.status, kept.json.state]).toEqual([200, 'retiring']);
    await key.revoke(`/${json.secretId}`);
    expect((await key.patch(key.first.secretId, { expiresAt: null })).json.state).toBe('live');
    expect(await me(key.first)).toBe(200);
  });

  it('of two programs, one slow: both work until the slow one has moved, and the list names it', async () => {
    const key = await newKey();
    const use = (apiSecret: string, agent: string) =>
      latchkey.call('GET', '/v1/me', {
        auth: `token ${key.apiKey}:${apiSecret}`,
        headers: { 'user-agent': agent },
      });
    const write = () => latchkey.app.get(LastUse, { strict: false }).onApplicationShutdown();
    const old = key.first.apiSecret;
    const statuses: number[] = [];
    const both = async (fast: string, slow: string) => {
      statuses.push((await use(fast, 'fast/1')).status, (await use(slow, 'slow/1')).status);
      await write();
    };
    await both(old, old);
    const { json } = await key.add({ overlapSeconds: 3600 });
    const since = new Date().toISOString();
    await delay(5);
    await both(json.apiSecret, old);
    const retiring = async () =>
      (await call('GET', `/v1/secrets?state=retiring&usedSince=${since}&user=${key.user}`)).json.data;
    expect(await retiring()).toEqual([
      expect.objectContaining({
        id: key.first.secretId,
        user: key.user,
        apiKey: key.apiKey,
        lastUsedFrom: { address: '127.0.0.1', userAgent: 'slow/1' },
      }),
    ]);
    await both(json.apiSecret, json.apiSecret);
    expect((await key.revoke(`/${key.first.secretId}`)).status).toBe(204);
    await both(json.apiSecret, json.apiSecret);
    expect(await retiring()).toEqual([]);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect((await use(old, 'slow/1')).status).toBe(401);
  });
});

describe('a revocation', () => {
  it('by id, by name, of all; each can be repeated', async () => {
    const key = await newKey();
    const [a, b, c] = [
      (await key.add({ name: 'a' })).json,
      (await key.add({ name: 'b' })).json,
      (await key.add({ name: 'c', overlapSeconds: 60 })).json,
    ];
    const b2 = (await key.add({ name: 'b', overlapSeconds: 60 })).json;
    const all = () => Promise.all([key.first, a, b, b2, c].map(me));
    expect(await all()).toEqual([200, 200, 200, 200, 200]);
    for (let i = 0; i < 2; i++) expect((await key.revoke(`/${a.secretId}`)).status).toBe(204);
    expect(await all()).toEqual([200, 401, 200, 200, 200]);
    for (let i = 0; i < 2; i++) expect((await key.revoke('?name=%20b%20')).status).toBe(204);
    expect(await all()).toEqual([200, 401, 401, 401, 200]);
    for (let i = 0; i < 2; i++) expect((await key.revoke()).status).toBe(204);
    expect(await all()).toEqual([401, 401, 401, 401, 401]);
    const revoked = await key.read();
    expect(new Set(revoked.map((each: { revokedBy: string }) => each.revokedBy))).toEqual(new Set([manager.user]));
  });

  it('of what is not there is 404, and of a stale key 412', async () => {
    const key = await newKey();
    expect(outcome(await key.revoke('?name=nope'))).toEqual([404, 'not_found']);
    expect(outcome(await key.revoke(`/${UNKNOWN_ID}`))).toEqual([404, 'not_found']);
    const other = await newKey();
    expect(outcome(await key.revoke(`/${other.first.secretId}`))).toEqual([404, 'not_found']);
    expect(outcome(await key.revoke('?name='))).toEqual([422, 'validation_failed']);
    expect(outcome(await key.revoke('?name=a&name=b'))).toEqual([422, 'validation_failed']);
    expect(outcome(await key.revoke('?nam=default'))).toEqual([422, 'validation_failed']);
    for (const rest of ['', '?name=default', `/${key.first.secretId}`]) {
      expect(outcome(await key.revoke(rest, { headers: { 'if-match': '"old"' } }))).toEqual([412, 'stale']);
    }
    expect([await me(key.first), await me(other.first)]).toEqual([200, 200]);
  });

  it('of the own ones is for everybody, of others for managers', async () => {
    const [own, other] = [await newKey(), await newKey()];
    const auth = `token ${own.apiKey}:${own.first.apiSecret}`;
    const ci = (await own.add({ name: 'ci' })).json;
    expect((await other.revoke('', { auth })).status).toBe(404);
    expect((await own.revoke('?name=ci', { auth })).status).toBe(204);
    expect([await me(ci), await me(own.first)]).toEqual([401, 200]);
    expect((await own.add({ name: 'ci' }, { auth })).status).toBe(403);
    expect((await own.patch(own.first.secretId, { scopes: null }, { auth })).status).toBe(403);
  });
});

describe('PATCH', () => {
  it('changes what a secret may, and nothing that is not named; it is in force at once', async () => {
    const key = await newKey();
    expect(await me(key.first)).toBe(200);
    const id = key.first.secretId;
    const may = (path: string) => latchkey.call('GET', path, { auth: `token ${key.apiKey}:${key.first.apiSecret}` });
    const api = `/v1/api-keys/${key.apiKey}`;
    expect((await may(api)).status).toBe(200);
    const narrowed = await key.patch(id, { scopes: ['reports:read'] });
    expect(narrowed.json).toMatchObject({ id, name: 'default', scopes: ['reports:read'], allowedNetworks: null });
    expect(outcome(await may(api))).toEqual([403, 'insufficient_scope']);
    await key.patch(id, { allowedNetworks: ['192.0.2.0/24'] });
    expect(outcome(await may('/v1/me'))).toEqual([403, 'address_not_allowed']);
    await key.patch(id, { allowedNetworks: null, scopes: ['keys:read'], name: 'ci', expiresAt: inSeconds(3600) });
    expect((await may(api)).status).toBe(200);
    expect((await may('/v1/me')).json.credential).toMatchObject({ secretName: 'ci', scopes: ['keys:read'] });
    await key.patch(id, { scopes: null, expiresAt: null });
    expect((await key.read())[0]).toMatchObject({ name: 'ci', scopes: null, allowedNetworks: null, expiresAt: null });
  });

  it('that gives works at once on every node, also for a secret that was refused there', async () => {
    const other = await startApp({}, latchkey.database);
    try {
      const { apiKey, first, patch } = await newKey({ scopes: [], allowedNetworks: ['192.0.2.0/24'] });
      const auth = `token ${apiKey}:${first.apiSecret}`;
      const there = async () => outcome(await other.call('GET', `/v1/api-keys/${apiKey}`, { auth }));
      for (let round = 0; round < 10; round++) {
        expect(await there()).toEqual([403, 'address_not_allowed']);
        await patch(first.secretId, { allowedNetworks: null });
        expect(await there()).toEqual([403, 'insufficient_scope']);
        await patch(first.secretId, { scopes: ['keys:read'] });
        expect(await there()).toEqual([200, undefined]);
        await patch(first.secretId, { scopes: [], allowedNetworks: ['192.0.2.0/24'] });
        await delay(1000); // what is taken is gone by then
      }
    } finally {
      await other.app.close();
    }
  });

  it('takes a merge patch by its own type, an empty one too', async () => {
    const key = await newKey({ scopes: ['reports:read'], expiresAt: inSeconds(3600) });
    const headers = { 'content-type': 'application/merge-patch+json' };
    const before = (await key.read())[0];
    const send = (body: string) => call('PATCH', `${key.path}/${key.first.secretId}`, { body, headers });
    expect([(await send('{}')).status, (await key.read())[0]]).toEqual([200, before]);
    expect((await send('{"scopes":null}')).json.scopes).toBeNull();
    expect((await call('PATCH', `${key.path}/${key.first.secretId}`)).status).toBe(200);
    for (const body of [
      '[]',
      'null',
      '"x"',
      '{"name":null}',
      '{"overlapSeconds":60}',
      '{"revokedAt":null}',
      '{"id":"x"}',
    ]) {
      expect(outcome(await send(body))).toEqual([422, 'validation_failed']);
    }
  });

  it('asks for what If-Match has read', async () => {
    const key = await newKey();
    const etag = (await call('GET', `/v1/api-keys/${key.apiKey}`)).headers.etag!;
    const patch = (tag: string) => key.patch(key.first.secretId, { name: 'ci' }, { headers: { 'if-match': tag } });
    expect(outcome(await patch('"old"'))).toEqual([412, 'stale']);
    expect((await key.read())[0].name).toBe('default');
    const done = await patch(etag);
    expect([done.status, done.headers.etag === etag]).toEqual([200, false]);
    expect((await call('GET', `/v1/api-keys/${key.apiKey}`)).headers.etag).toBe(done.headers.etag);
    expect(outcome(await patch(etag))).toEqual([412, 'stale']);
    expect((await patch('*')).status).toBe(200);
  });

  it('of a dead one is 409, of an unknown one 404', async () => {
    const key = await newKey();
    const ended = (await key.add({ name: 'ended', expiresAt: inSeconds(60) })).json.secretId;
    await expire(ended);
    await key.add();
    for (const id of [ended, key.first.secretId]) {
      for (const change of [{ expiresAt: inSeconds(60) }, { expiresAt: null }, { scopes: null }, { name: 'x' }, {}]) {
        expect(outcome(await key.patch(id, change))).toEqual([409, 'conflict']);
      }
    }
    expect(outcome(await key.patch(UNKNOWN_ID, {}))).toEqual([404, 'not_found']);
    expect(outcome(await key.patch((await newKey()).first.secretId, {}))).toEqual([404, 'not_found']);
    expect(await me(key.first)).toBe(401);
  });

  it('gives another name, where that is free and no rotation is under way', async () => {
    const key = await newKey();
    const ci = (await key.add({ name: 'ci' })).json;
    expect(outcome(await key.patch(ci.secretId, { name: 'default' }))).toEqual([409, 'conflict']);
    expect((await key.patch(ci.secretId, { name: 'ci' })).status).toBe(200);
    const next = (await key.add({ name: 'ci', overlapSeconds: 60 })).json;
    for (const id of [ci.secretId, next.secretId]) {
      expect(outcome(await key.patch(id, { name: 'other' }))).toEqual([409, 'conflict']);
    }
    await key.revoke(`/${ci.secretId}`);
    expect((await key.patch(next.secretId, { name: 'other' })).json.name).toBe('other');
    await key.revoke('?name=default');
    expect((await key.patch(next.secretId, { name: 'default' })).json.name).toBe('default');
    expect((await key.add()).json.replaced.id).toBe(next.secretId);
  });

  it('ends a retiring one sooner or later, with its state as it is', async () => {
    const key = await newKey();
    const { json } = await key.add({ overlapSeconds: 3600 });
    const later = inSeconds(7200);
    expect((await key.patch(key.first.secretId, { expiresAt: later })).json).toMatchObject({
      state: 'retiring',
      expiresAt: later,
    });
    const listed = await call('GET', `/v1/secrets?state=retiring&user=${key.user}`);
    expect(listed.json.data).toMatchObject([{ id: key.first.secretId, expiresAt: later }]);
    await key.patch(key.first.secretId, { expiresAt: new Date(Date.now() + 400).toISOString() });
    await delay(500);
    expect([await me(key.first), await me(json)]).toEqual([401, 200]);
    expect(await key.states()).toEqual(['default live', 'default expired']);
    expect((await key.add({ overlapSeconds: 60 })).status).toBe(201);
  });

  it('and rotations at once: none is lost, and never two of a name', async () => {
    const key = await newKey();
    const ci = (await key.add({ name: 'ci' })).json;
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => [
        key.patch(ci.secretId, { name: i % 2 ? 'ci' : 'default' }),
        key.patch(key.first.secretId, { scopes: [] }),
        key.add({ name: 'ci', overlapSeconds: i % 3 ? 60 : 0 }),
      ]).flat(),
    );
    // 404: it was replaced so often that it is not kept any more.
    expect(answers.filter(({ status }) => ![200, 201, 404, 409].includes(status))).toEqual([]);
    const live = (await key.states()).filter((state) => state.endsWith(' live'));
    expect(live.toSorted()).toEqual([...new Set(live)].toSorted());
  });
});

describe('the end', () => {
  it('is refused where it is no time, or in the past', async () => {
    const key = await newKey();
    for (const expiresAt of ['2999-01-01', inSeconds(-1), '2999-02-30T00:00:00Z', 5, 'never']) {
      expect(outcome(await key.add({ expiresAt }))).toEqual([422, 'validation_failed']);
      expect(outcome(await key.patch(key.first.secretId, { expiresAt }))).toEqual([422, 'validation_failed']);
    }
  });

  it('of SECRET_MAX_DAYS is the latest, and what is meant where nothing is said', async () => {
    const limited = await startApp({ maxSecretDays: 30 });
    try {
      const auth = (await limited.key([SYSTEM_MANAGER])).token;
      const email = newName();
      await limited.users.create(OPERATOR, { email, fullName: 'X' });
      const first = await limited.call('POST', '/v1/api-keys', { auth, json: { user: email } });
      expect(lifetime(first.json)).toBe(30 * DAY);
      const path = `/v1/api-keys/${first.json.apiKey}/secrets`;
      const add = (json: object) => limited.call('POST', path, { auth, json });
      for (const expiresAt of [null, inSeconds(31 * 86_400)]) {
        const refused = await add({ expiresAt });
        expect([outcome(refused), refused.json.errors[0].field]).toEqual([[422, 'validation_failed'], 'expiresAt']);
        const patched = await limited.call('PATCH', `${path}/${first.json.secretId}`, { auth, json: { expiresAt } });
        expect(outcome(patched)).toEqual([422, 'validation_failed']);
      }
      const shorter = await add({ expiresAt: inSeconds(86_400) });
      expect(shorter.status).toBe(201);
      const next = await add({});
      expect(Math.round(lifetime(next.json)! / 1000)).toBe(86_400);
      // From the time when it was made: a patch does not make it live longer.
      const age = { createdAt: new Date(Date.now() - 20 * DAY) };
      await limited.dataSource.getRepository(ApiSecret).update({ id: next.json.secretId }, age);
      const patch = (days: number) =>
        limited.call('PATCH', `${path}/${next.json.secretId}`, { auth, json: { expiresAt: inSeconds(days * 86_400) } });
      expect([(await patch(9)).status, (await patch(11)).status]).toEqual([200, 422]);
      // One that was made before there was a limit: what it inherits is cut.
      await limited.dataSource.getRepository(ApiSecret).update({ id: next.json.secretId }, { expiresAt: null });
      expect(lifetime((await add({})).json)).toBe(30 * DAY);
      const rpc = await limited.call('POST', '/api/method/frappe.core.doctype.user.user.generate_keys', {
        auth,
        json: { user: email },
      });
      expect(rpc.status).toBe(200);
      const read = await limited.call('GET', `/v1/api-keys/${first.json.apiKey}`, { auth });
      expect(lifetime(read.json.secrets[0])).toBe(30 * DAY);
    } finally {
      await limited.close();
    }
  });
});

describe('RECORD_ADDRESSES=off', () => {
  it('keeps no address and no agent, of secrets and of sessions; not even an old one', async () => {
    const database = await freshDatabase();
    const password = 'a password to test with';
    const headers = { 'user-agent': 'an agent' };
    let app = await startApp({}, database);
    try {
      const { token, apiKey, user } = await app.key([SYSTEM_MANAGER]);
      const email = newName();
      await app.accounts.create(OPERATOR, { email, fullName: 'X', password });
      const logIn = () => app.call('POST', '/v1/session', { json: { user: email, password }, headers });
      const seen = async () => {
        await app.call('GET', '/v1/me', { auth: token, headers });
        await app.app.get(LastUse, { strict: false }).onApplicationShutdown();
        const { lastUsedAt, lastUsedFrom } = (await app.call('GET', `/v1/api-keys/${apiKey}`, { auth: token })).json
          .secrets[0];
        expect(lastUsedAt).not.toBeNull();
        await logIn();
        const { data } = (await app.call('GET', `/v1/users/${email}/sessions`, { auth: token })).json;
        const { address, userAgent } = data[0];
        return [lastUsedFrom, { address, userAgent }];
      };
      const whole = { address: '127.0.0.1', userAgent: 'an agent' };
      expect(await seen()).toEqual([whole, whole]);
      await app.close();
      app = await startApp({ recordAddresses: false }, database);
      await delay(2); // a later use than the one before
      expect(await seen()).toEqual([null, { address: null, userAgent: null }]);
      expect(user).toContain('@');
      for (const [table, columns] of [
        ['lk_api_secrets', 'last_used_address AS a, last_used_agent AS b'],
        ['lk_sessions', 'address AS a, user_agent AS b'],
      ]) {
        const rows = await app.dataSource.query(`SELECT ${columns} FROM ${table} ORDER BY created_at DESC`);
        expect(JSON.stringify(rows[0])).not.toMatch(/127\.0|agent/);
      }
    } finally {
      await app.close();
      await database.remove();
    }
  });
});

describe('GET /v1/secrets', () => {
  const NAMES = ['list-a', 'list-b', 'list-c'];
  const MADE = Date.UTC(2020, 0, 1);
  const users: string[] = [];
  let rows: (Pick<
    ApiSecret,
    'id' | 'name' | 'apiKey' | 'createdAt' | 'expiresAt' | 'revokedAt' | 'lastUsedAt' | 'retiresAt'
  > & {
    user: string;
  })[];

  beforeAll(async () => {
    const repository = latchkey.dataSource.getRepository(ApiSecret);
    for (let k = 0; k < 6; k++) {
      const key = await latchkey.key();
      users.push(key.user);
      await repository.delete({ apiKey: key.apiKey });
      for (let i = 0; i < 40; i++) {
        const n = 40 * k + i;
        // Few values, so that many are equal.
        const at = (steps: number) => new Date(MADE + steps * DAY);
        const kind = n % 5;
        const end = kind === 1 ? new Date(Date.now() + (1 + (n % 3)) * DAY) : null;
        await repository.insert({
          id: crypto.randomUUID(),
          apiKey: key.apiKey,
          name: NAMES[n % 3]!,
          algorithm: 'sha256',
          digest: 'x',
          hint: 'xxxx',
          createdAt: at(n % 4),
          createdBy: 'test',
          expiresAt: kind === 2 ? at(100 + (n % 2)) : kind === 4 ? new Date(Date.now() + 9 * DAY) : end,
          revokedAt: kind === 3 ? at(50 + (n % 2)) : null,
          lastUsedAt: n % 7 < 3 ? null : at(200 + (n % 3)),
          retiresAt: end,
        });
      }
    }
    rows = (await repository.find({ where: { name: Like('list-%') }, relations: { apiKeyRow: { user: true } } })).map(
      (row) => ({ ...row, user: row.apiKeyRow!.user!.name }),
    );
    expect(rows).toHaveLength(240);
  });

  const stateOf = ({ revokedAt, expiresAt, retiresAt }: (typeof rows)[number]) =>
    revokedAt
      ? 'revoked'
      : expiresAt && expiresAt.getTime() <= Date.now()
        ? 'expired'
        : retiresAt
          ? 'retiring'
          : 'live';
  const time = (text: string | null) => (text === null ? undefined : Date.parse(text));

  /** What the list has to have, by a second implementation. */
  function expected(query: URLSearchParams): string[] {
    const [state, name, user] = ['state', 'name', 'user'].map((field) => query.get(field));
    const [usedSince, notUsedSince, expiresBefore] = ['usedSince', 'notUsedSince', 'expiresBefore'].map((field) =>
      time(query.get(field)),
    );
    return rows
      .filter((row) => {
        const used = row.lastUsedAt?.getTime();
        return (
          (state === null || stateOf(row) === state) &&
          (name === null || row.name === name) &&
          (user === null || row.user === user) &&
          (usedSince === undefined || (used !== undefined && used >= usedSince)) &&
          (notUsedSince === undefined || (used ?? row.createdAt.getTime()) < notUsedSince) &&
          (expiresBefore === undefined || (row.expiresAt !== null && row.expiresAt.getTime() < expiresBefore))
        );
      })
      .map(({ id }) => id)
      .toSorted();
  }

  async function listed(query: string, limit: number): Promise<string[]> {
    const found: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Answer = await call('GET', `/v1/secrets?${query}&limit=${limit}${cursor && `&cursor=${cursor}`}`);
      if (page.status !== 200) throw new Error(page.text);
      expect(page.json.data.length).toBeLessThanOrEqual(limit);
      found.push(
        ...page.json.data
          .filter((each: { name: string }) => NAMES.includes(each.name))
          .map((each: { id: string }) => each.id),
      );
      cursor = page.json.nextCursor;
    }
    return found;
  }

  const time1 = new Date(MADE + 201 * DAY).toISOString();
  const FILTERS = {
    state: ['', 'live', 'retiring', 'expired', 'revoked'],
    name: ['', 'list-a'],
    time: [
      '',
      `usedSince=${time1}`,
      `notUsedSince=${time1}`,
      `notUsedSince=${new Date(MADE + 2 * DAY).toISOString()}`,
      `expiresBefore=${new Date(MADE + 101 * DAY).toISOString()}`,
      `expiresBefore=${inSeconds(2.5 * 86_400)}`,
      `usedSince=${time1}&notUsedSince=${new Date(MADE + 202 * DAY).toISOString()}`,
      `notUsedSince=${inSeconds(60)}&expiresBefore=${inSeconds(20 * 86_400)}`,
    ],
    user: ['', 'x'],
  };

  it.each(FILTERS.state)('with state "%s" and every other filter: each once, none missing', async (state) => {
    for (const name of FILTERS.name) {
      for (const other of FILTERS.time) {
        for (const user of FILTERS.user) {
          const query = [state && `state=${state}`, name && `name=${name}`, other, user && `user=${users[2]}`]
            .filter(Boolean)
            .join('&');
          const wanted = expected(new URLSearchParams(query));
          const found = await listed(query, 7);
          expect([query, found.toSorted()]).toEqual([query, wanted]);
        }
      }
    }
  });

  it('in the order that it says, whatever the size of a page', async () => {
    const by = (query: string, value: (row: (typeof rows)[number]) => number, direction: number) => async () => {
      const orders = await Promise.all([1, 3, 100].map((limit) => listed(query, limit)));
      expect(orders[0]).toEqual(orders[2]);
      expect(orders[1]).toEqual(orders[2]);
      const values = orders[2]!.map((id) => value(rows.find((row) => row.id === id)!));
      expect(values).toEqual(values.toSorted((a, b) => direction * (a - b)));
    };
    await by('state=retiring', ({ retiresAt }) => retiresAt!.getTime(), 1)();
    await by('name=list-b', ({ createdAt }) => createdAt.getTime(), -1)();
    await by(`usedSince=${time1}`, ({ lastUsedAt }) => lastUsedAt!.getTime(), -1)();
    await by(`notUsedSince=${time1}`, ({ lastUsedAt }) => lastUsedAt?.getTime() ?? Infinity, 1)();
    await by(`user=${users[1]}`, ({ createdAt }) => createdAt.getTime(), -1)();
  });

  it("shows nobody's but to managers, and Administrator's to Administrator alone", async () => {
    const { token } = await latchkey.key();
    expect(outcome(await latchkey.call('GET', '/v1/secrets', { auth: token }))).toEqual([403, 'forbidden']);
    const admin = await latchkey.keyOf('Administrator');
    const ids = async (auth: string, rest = '') =>
      (await latchkey.call('GET', `/v1/secrets?limit=100${rest}`, { auth })).json.data.map(
        (each: { user: string }) => each.user,
      );
    expect(await ids(manager.token, '&name=default')).not.toContain('Administrator');
    expect(await ids(manager.token, '&user=administrator')).toEqual([]);
    expect(await ids(admin.token, '&user=administrator')).toEqual(['Administrator']);
    expect(await ids(admin.token, '&user=nobody@example.com')).toEqual([]);
    expect(await ids(manager.token, `&user=${users[0]!.toUpperCase()}`)).toContain(users[0]);
  });

  it.each([
    'state=dead',
    'state=live&state=retiring',
    'usedSince=2020-01-01',
    'name=',
    'expiresBefore=never',
    'limit=0',
    'x=1',
  ])('refuses ?%s', async (query) => {
    expect(outcome(await call('GET', `/v1/secrets?${query}`))).toEqual([422, 'validation_failed']);
  });

  it('refuses a cursor of another order', async () => {
    const { nextCursor } = (await call('GET', '/v1/secrets?limit=2')).json;
    for (const query of ['state=retiring', 'name=list-a', `usedSince=${time1}`, `user=${users[0]}`, 'state=revoked']) {
      expect(outcome(await call('GET', `/v1/secrets?${query}&cursor=${nextCursor}`))).toEqual([400, 'malformed']);
    }
    expect((await call('GET', `/v1/secrets?cursor=${nextCursor}`)).status).toBe(200);
  });
});

describe('scopes', () => {
  const create = (name: string, description = 'X') => call('POST', '/v1/scopes', { json: { name, description } });
  const remove = (name: string) => call('DELETE', `/v1/scopes/${name}`);

  it('are made, listed and deleted', async () => {
    const made = await create('docs:read', '  Read docs ');
    expect([made.status, made.headers.location, made.json]).toEqual([
      201,
      '/v1/scopes/docs%3Aread',
      { name: 'docs:read', description: 'Read docs' },
    ]);
    expect(outcome(await create('docs:read'))).toEqual([409, 'conflict']);
    const names = (await call('GET', '/v1/scopes')).json.data.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['audit:read', 'docs:read', 'keys:write']));
    expect(names).toEqual(names.toSorted());
    expect((await remove('docs:read')).status).toBe(204);
    expect(outcome(await remove('docs:read'))).toEqual([404, 'not_found']);
    for (const name of ['keys:write', 'audit:read']) expect(outcome(await remove(name))).toEqual([409, 'conflict']);
    for (const name of ['docs:*', 'docs', '%25', 'DOCS:READ', 'keys:write%20'])
      expect(outcome(await remove(name))).toEqual([404, 'not_found']);
  });

  it.each(['', 'A', 'a:', ':a', 'a::b', 'a b', 'a:*', '*', '-a', 'a:-b', 'é', 'a\n', 'x'.repeat(101)])(
    'can not be named %j',
    async (name) => {
      expect(outcome(await create(name))).toEqual([422, 'validation_failed']);
      const key = await newKey();
      if (name === 'a:*') return; // could be granted, were there one below it
      expect(outcome(await key.add({ scopes: [name] }))).toEqual([422, 'validation_failed']);
    },
  );

  it('that are not known are refused, also a star with nothing below it', async () => {
    await create('tree:leaf:read');
    const key = await newKey();
    const add = async (...scopes: string[]) => outcome(await key.add({ scopes }));
    for (const scope of [
      'tree:leaf:reed',
      'tree',
      'tree:leaf',
      'tre:*',
      'tree:leaf:read:*',
      'tree:lea:*',
      'keys:reed',
    ]) {
      expect([scope, await add('keys:read', scope)]).toEqual([scope, [422, 'validation_failed']]);
      expect(outcome(await key.patch(key.first.secretId, { scopes: [scope] }))).toEqual([422, 'validation_failed']);
    }
    expect(await me(key.first)).toBe(200);
    expect(await add('tree:*', 'tree:leaf:*', 'tree:leaf:read')).toEqual([201, undefined]);
  });

  it('that a live or retiring secret has stay, also by a star; of dead ones they go', async () => {
    for (const name of ['held:a', 'held:b', 'held_a', 'heldxa']) await create(name);
    const [one, star] = [await newKey({ scopes: ['held:a', 'held_a'] }), await newKey({ scopes: ['held:*'] })];
    expect((await remove('heldxa')).status).toBe(204); // "_" is no wildcard
    expect(outcome(await remove('held:a'))).toEqual([409, 'conflict']);
    expect(outcome(await remove('held:b'))).toEqual([409, 'conflict']);
    await star.revoke();
    expect((await remove('held:b')).status).toBe(204);
    expect((await one.add({ scopes: [], overlapSeconds: 60 })).status).toBe(201);
    expect(outcome(await remove('held:a'))).toEqual([409, 'conflict']);
    await one.revoke(`/${one.first.secretId}`);
    expect([(await remove('held:a')).status, (await remove('held_a')).status]).toEqual([204, 204]);
  });

  it('deleted while they are granted: no live secret has one that is not there', async () => {
    const round = async (i: number) => {
      const name = `race:r${i}`;
      await create(name);
      const key = await newKey({ scopes: [] });
      const scope = i % 3 === 0 ? `race:r${i}:*` : name;
      if (i % 3 === 0) await create(`${name}:below`);
      const target = i % 3 === 0 ? `${name}:below` : name;
      const grants = [1, 2, 3].map((n) =>
        i % 2 ? key.patch(key.first.secretId, { scopes: [scope] }) : key.add({ name: `n${n}`, scopes: [scope] }),
      );
      const [removed, ...granted] = await Promise.all([remove(target), ...grants]);
      const isThere = (await latchkey.dataSource.getRepository(Scope).findBy({ name: target })).length === 1;
      const holders = (await key.read()).filter((each: { scopes: string[] | null }) => each.scopes?.includes(scope));
      expect([204, 409]).toContain(removed!.status);
      expect(isThere).toBe(removed!.status === 409);
      if (!isThere) expect(holders).toEqual([]);
      for (const { status } of granted) expect([200, 201, 422]).toContain(status);
    };
    for (let i = 0; i < 24; i += 4) await Promise.all([0, 1, 2, 3].map((n) => round(i + n)));
  });

  it('deleted after the transaction that grants them has read something: it is refused all the same', async () => {
    if (latchkey.dataSource.options.type === 'better-sqlite3') return; // there one transaction follows the other
    await create('snapshot:read');
    const grant = latchkey.dataSource.transaction(async (transaction: EntityManager) => {
      await transaction.query('SELECT COUNT(*) FROM lk_scopes'); // from here on, it reads as of now
      expect((await remove('snapshot:read')).status).toBe(204);
      await grantScopes(transaction, ['snapshot:read']);
    });
    await expect(grant).rejects.toMatchObject({ code: 'validation_failed' });
  });
});

describe('latchkey keys', () => {
  /** A process of its own learns of a change within a second. */
  async function within1s(check: () => Promise<void>): Promise<void> {
    for (const end = performance.now() + 1000; ; await delay(50)) {
      const failure = await check().catch((error: unknown) => error);
      if (failure === undefined) return;
      if (performance.now() > end) throw failure;
    }
  }

  const here = (...args: string[]) => latchkeyHere(args, { DATABASE_URL: latchkey.database.url });

  it('generate, edit, secrets, rotations and revoke do the same', async () => {
    const key = await newKey();
    const made = await here(
      'keys',
      'generate',
      key.user,
      '--name',
      'ci',
      '--scope',
      'reports:read',
      '--network',
      '127.0.0.1',
      '--expires',
      '90d',
      '--json',
    );
    expect(made.code).toBe(0);
    const ci = JSON.parse(made.stdout);
    expect(ci).toMatchObject({
      name: 'ci',
      scopes: ['reports:read'],
      allowedNetworks: ['127.0.0.1/32'],
      otherNames: ['default'],
    });
    expect(lifetime(ci)).toBeGreaterThan(90 * DAY - 60_000);
    const next = JSON.parse(
      (await here('keys', 'generate', key.user, '--name', 'ci', '--overlap', '7d', '--json')).stdout,
    );
    expect(next.replaced.id).toBe(ci.secretId);
    expect([await me(ci), await me(next)]).toEqual([200, 200]);
    const rotations = (await here('keys', 'rotations', '--json')).stdout;
    expect(rotations).toContain(ci.secretId);
    const edited = await here(
      'keys',
      'edit',
      key.apiKey,
      '--name',
      'ci',
      '--scope',
      'keys:read',
      '--anywhere',
      '--json',
    );
    expect(JSON.parse(edited.stdout)).toMatchObject({
      id: next.secretId,
      scopes: ['keys:read'],
      allowedNetworks: null,
    });
    const table = (await here('keys', 'secrets', key.user)).stdout;
    expect(table).toContain('retiring');
    expect(table).toContain('keys:read');
    const statuses = () => Promise.all([ci, next, key.first].map(me));
    expect((await here('keys', 'revoke', key.user, '--name', 'ci')).code).toBe(0);
    await within1s(async () => expect(await statuses()).toEqual([401, 401, 200]));
    expect((await here('keys', 'revoke', key.user)).code).toBe(0);
    await within1s(async () => expect(await statuses()).toEqual([401, 401, 401]));
  });

  it.each([
    ['--scope', 'reports:read', '--unscoped'],
    ['--network', '127.0.0.1', '--anywhere'],
    ['--name', 'default', '--secret', UNKNOWN_ID],
  ])('edit does not guess which of two was meant: %s %s %s', async (...options) => {
    const key = await newKey({ scopes: [], allowedNetworks: ['127.0.0.0/8'] });
    const { code, stderr } = await here('keys', 'edit', key.user, ...options);
    expect([code, stderr]).toEqual([2, expect.stringContaining('cannot be used with')]);
    expect((await key.read())[0]).toMatchObject({ scopes: [], allowedNetworks: ['127.0.0.0/8'] });
  });

  it.each(['2027-01-31', '90', '90w', '-1d', '0d', '1.5h', '999999999d', '', ' 90d', '9d9d'])(
    'does not take the end %p',
    async (end) => {
      const key = await newKey();
      const { code, stdout, stderr } = await here('keys', 'generate', key.user, '--expires', end);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^latchkey: .*\.\n$/);
      expect(await me(key.first)).toBe(200);
    },
  );

  it.each(['59s', '91d', '7', 'never', '-1d', ''])('nor the overlap %p', async (overlap) => {
    const key = await newKey();
    const { code, stderr } = await here('keys', 'generate', key.user, '--overlap', overlap);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^latchkey: An overlap .*\.\n$/)]);
    expect(await me(key.first)).toBe(200);
  });

  it('generate, killed after it has committed and before it has printed: the recipe leads on', async () => {
    const key = await newKey();
    const program = `
      const { run } = await import(${JSON.stringify(join(process.cwd(), 'dist/cli/run.js'))});
      const argv = ['keys', 'generate', process.argv[1], '--overlap', '1h'];
      await run(argv, { out: () => process.kill(process.pid, 'SIGKILL'), err: () => {} });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, key.user], {
      env: environment({ DATABASE_URL: latchkey.database.url }),
      stdio: 'ignore',
    });
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
    // Nobody has the new secret; the old one is still good. It is seen, revoked, and all is as it was.
    const [lost, old] = await key.read();
    expect([lost.state, old.state, await me(key.first)]).toEqual(['live', 'retiring', 200]);
    expect((await here('keys', 'revoke', key.user, '--secret', lost.id)).code).toBe(0);
    expect((await here('keys', 'edit', key.user, '--secret', old.id, '--expires', 'never')).code).toBe(0);
    expect(await me(key.first)).toBe(200);
    const again = await here('keys', 'generate', key.user, '--overlap', '1h', '--json');
    expect([await me(JSON.parse(again.stdout)), await me(key.first)]).toEqual([200, 200]);
  });
});
