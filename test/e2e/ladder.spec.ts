import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiSecret } from '../../src/api-keys/api-secret.entity.js';
import { ScopesService } from '../../src/api-keys/scopes.service.js';
import { AccountsService } from '../../src/sessions/accounts.service.js';
import { RolesService } from '../../src/users/roles.service.js';
import { OPERATOR, type Principal, SYSTEM_MANAGER } from '../../src/users/principal.js';
import { ApiKeyVerifier } from '../../src/verification/api-key.verifier.js';
import { newName, startApp, type TestApp, type TestKey, type TestSecret } from '../support/app.js';
import type { Answer } from '../support/http.js';

/** Nobody gets more by a secret than that secret has (SECRETS.md, section 3): every way in is tried. */

const GENERATE = 'frappe.core.doctype.user.user.generate_keys';
const PASSWORD = 'a password to test with';

let latchkey: TestApp;
/** A System Manager whose secret "default" may everything. */
let manager: TestKey;
/** Somebody else, with one that may everything, one that retires and one that has expired. */
let victim: TestKey;
let retiring: string;
/** Somebody without a key. */
let keyless: string;

beforeAll(async () => {
  latchkey = await startApp();
  const scopes = latchkey.app.get(ScopesService, { strict: false });
  for (const name of ['reports:read', 'reports:deep:read', 'reports:deep:write']) {
    await scopes.create(OPERATOR, { name, description: name });
  }
  await latchkey.app.get(RolesService, { strict: false }).create(OPERATOR, 'Reader');
  manager = await latchkey.key([SYSTEM_MANAGER]);
  victim = await latchkey.key([SYSTEM_MANAGER]);
  const { secretId } = await latchkey.apiKeys.generate(OPERATOR, { user: victim.user, name: 'retiring' });
  retiring = secretId;
  await latchkey.apiKeys.generate(OPERATOR, { user: victim.user, name: 'retiring', overlapSeconds: 3600 });
  const expired = await latchkey.secret(victim.user, { name: 'expired' });
  const past = { expiresAt: new Date(Date.now() - 1) };
  await latchkey.dataSource.getRepository(ApiSecret).update({ id: expired.id }, past);
  keyless = newName();
  await latchkey.users.create(OPERATOR, { email: keyless, fullName: 'No Key' });
});
afterAll(() => latchkey.close());

/** All that the database holds, but for when secrets were used. */
async function everything(): Promise<unknown> {
  const tables = ['users', 'roles', 'user_roles', 'api_keys', 'api_secrets', 'passwords', 'sessions', 'scopes'];
  const all = await Promise.all(tables.map((table) => latchkey.dataSource.query(`SELECT * FROM lk_${table}`)));
  const sorted = all.map((rows: object[]) => rows.map((row) => JSON.stringify(row, withoutUses)).toSorted());
  return Object.fromEntries(tables.map((table, i) => [table, sorted[i]]));
}
const withoutUses = (name: string, value: unknown) => (name.startsWith('last_') ? undefined : value);

/** The manager's secret "attacker", which may that and nothing else. */
const attackerWith = (may: { scopes?: string[] | null; allowedNetworks?: string[] }) =>
  latchkey.secret(manager.user, { name: 'attacker', scopes: null, allowedNetworks: null, ...may });

const principalOf = async ({ apiKey, apiSecret }: TestKey): Promise<Principal> =>
  (await latchkey.app.get(ApiKeyVerifier, { strict: false }).verify({ apiKey, apiSecret }, { address: '127.0.0.1' }))!;

/** Expects all of these to be refused as `forbidden`. */
async function expectForbidden(attempts: Promise<unknown>[]): Promise<void> {
  const outcomes = (await Promise.allSettled(attempts)).map((each) =>
    each.status === 'rejected' ? each.reason.code : each.status,
  );
  expect(outcomes).toEqual(attempts.map(() => 'forbidden'));
}

/** Something that a secret may not have, and what a refusal says of it. */
interface Wish {
  readonly may: object;
  readonly missing: RegExp;
}

/** Every way to a secret that may that: what is called, and how. */
function ways({ user, apiKey, token, id }: TestSecret, { may }: Wish): [string, () => Promise<Answer>][] {
  const send = (method: string, path: string, json: object) => () => latchkey.call(method, path, { auth: token, json });
  const [own, others] = [`/v1/api-keys/${apiKey}/secrets`, `/v1/api-keys/${victim.apiKey}/secrets`];
  return [
    ['a new name', send('POST', own, { ...may, name: 'more' })],
    ['a new name, which ends soon', send('POST', own, { ...may, name: 'more', expiresAt: inAMinute() })],
    ['in place of itself', send('POST', own, { ...may, name: 'attacker' })],
    ['in place of itself, with an overlap', send('POST', own, { ...may, name: 'attacker', overlapSeconds: 60 })],
    ['in place of an unrestricted one', send('POST', own, may)],
    ["in place of another's", send('POST', others, may)],
    ["in place of another's, with an overlap", send('POST', others, { ...may, overlapSeconds: 60 })],
    ["in place of another's that has expired", send('POST', others, { ...may, name: 'expired' })],
    ["another name of another's", send('POST', others, { ...may, name: 'more' })],
    ['the first one of somebody', send('POST', '/v1/api-keys', { ...may, user: keyless })],
    ['a patch of itself', send('PATCH', `${own}/${id}`, may)],
    ['a patch of itself, with another name', send('PATCH', `${own}/${id}`, { ...may, name: `of ${user}` })],
    ['a patch of one that retires', send('PATCH', `${others}/${retiring}`, may)],
  ];
}
const inAMinute = () => new Date(Date.now() + 60_000).toISOString();

/** Tries them all. @returns what was not refused as it has to be. */
async function climb(attacker: TestSecret, wishes: Wish[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const wish of wishes) {
    for (const [what, attempt] of ways(attacker, wish)) {
      const { status, json } = await attempt();
      const isRefused = status === 403 && json.code === 'forbidden' && wish.missing.test(json.detail);
      if (!isRefused) wrong.push(`${what}: ${JSON.stringify(wish.may)}: ${status} ${json?.detail}`);
    }
  }
  return wrong;
}

describe('a secret with scopes', () => {
  const everythingAtAll = /no scopes, so everything that its user may/;
  const cases: [string[], Wish[]][] = [
    [
      ['keys:write'],
      [
        { may: { scopes: null }, missing: everythingAtAll },
        { may: { scopes: ['keys:read'] }, missing: /the scopes keys:read\./ },
        { may: { scopes: ['keys:write', 'users:write', 'roles:write'] }, missing: /roles:write, users:write/ },
        { may: { scopes: ['keys:*'] }, missing: /keys:\*/ },
        { may: { scopes: ['keys:write', 'users:*'] }, missing: /the scopes users:\*\./ },
      ],
    ],
    [
      ['keys:*', 'reports:deep:*'],
      [
        { may: { scopes: null }, missing: everythingAtAll },
        { may: { scopes: ['reports:*'] }, missing: /reports:\*/ },
        { may: { scopes: ['keys:read', 'reports:read'] }, missing: /the scopes reports:read\./ },
        { may: { scopes: ['reports:deep:*', 'sessions:*'] }, missing: /the scopes sessions:\*\./ },
      ],
    ],
  ];

  it.each(cases)('%j gets no more by REST, and changes nothing', async (scopes, wishes) => {
    const attacker = await attackerWith({ scopes });
    const before = await everything();
    expect(await climb(attacker, wishes)).toEqual([]);
    expect(await everything()).toEqual(before);
  });

  it('gets no more by saying nothing: what it would inherit is judged, too', async () => {
    const attacker = await attackerWith({ scopes: ['keys:write'] });
    const before = await everything();
    const [own, others] = [manager.apiKey, victim.apiKey].map((key) => `/v1/api-keys/${key}/secrets`);
    const attempts: [string, string, object?][] = [
      ['POST', own!],
      ['POST', own!, { name: 'more' }],
      ['POST', others!, {}],
      ['POST', others!, { name: 'more' }],
      ['POST', others!, { name: 'expired' }],
      ['POST', others!, { overlapSeconds: 60 }],
      ['POST', others!, { name: 'retiring' }],
      ['POST', '/v1/api-keys', { user: keyless }],
      // Whoever holds that one would hold it for longer.
      ['PATCH', `${others}/${retiring}`, { expiresAt: inAMinute() }],
      ['PATCH', `${others}/${retiring}`, {}],
      ...(await idsOf(victim.apiKey)).map((id): [string, string, object] => [
        'PATCH',
        `${others}/${id}`,
        { name: 'other' },
      ]),
    ];
    const wrong: unknown[] = [];
    for (const [method, path, json] of attempts) {
      const { status, text } = await latchkey.call(method, path, { auth: attacker.token, ...(json && { json }) });
      if (status !== 403 || !everythingAtAll.test(text)) wrong.push([method, path, json, status, text]);
    }
    expect(wrong).toEqual([]);
    expect(await everything()).toEqual(before);
  });

  async function idsOf(apiKey: string): Promise<string[]> {
    const { secrets } = await latchkey.apiKeys.find(OPERATOR, apiKey);
    // Under a rotation, none gets another name.
    return secrets.filter(({ state, name }) => state === 'live' && name !== 'retiring').map(({ id }) => id);
  }

  it("gets no more by Frappe's API, in each of its versions", async () => {
    const { token } = await attackerWith({ scopes: ['keys:write'] });
    const before = await everything();
    const wrong: unknown[] = [];
    for (const user of [manager.user, victim.user, keyless]) {
      for (const version of ['', 'v1/', 'v2/']) {
        for (const path of [GENERATE, GENERATE.replace('.generate_keys', '')]) {
          for (const method of ['POST', 'GET']) {
            const url = `/api/${version}method/${path}?user=${user}`;
            const { status, text } = await latchkey.call(method, url, { auth: token });
            if (status !== 403 || !everythingAtAll.test(text) || !text.includes('PermissionError')) {
              wrong.push([method, url, status, text]);
            }
          }
        }
      }
      const older = await latchkey.call('POST', `/?cmd=${GENERATE}`, { auth: token, form: { user } });
      if (older.status !== 403) wrong.push(older.text);
    }
    expect(wrong).toEqual([]);
    expect(await everything()).toEqual(before);
  });

  it('gets no more by the services, which a host calls', async () => {
    const attacker = await attackerWith({ scopes: ['keys:write'] });
    const actor = await principalOf(attacker);
    const { apiKeys } = latchkey;
    const before = await everything();
    for (const scopes of [null, ['keys:read'], ['keys:*'], undefined]) {
      const attempts = [
        apiKeys.generate(actor, { user: manager.user, scopes }),
        apiKeys.generate(actor, { user: victim.user, scopes, overlapSeconds: 60 }),
        apiKeys.create(actor, { user: keyless, scopes }),
        apiKeys.addSecret(actor, manager.apiKey, { scopes }),
        apiKeys.addSecret(actor, victim.apiKey, { scopes, name: 'more' }),
        apiKeys.patchSecret(actor, victim.apiKey, retiring, { scopes }),
        ...(scopes === undefined ? [] : [apiKeys.patchSecret(actor, manager.apiKey, attacker.id, { scopes })]),
      ];
      await expectForbidden(attempts);
    }
    expect(await everything()).toEqual(before);
  });

  it('takes the place of no other name', async () => {
    const attacker = await attackerWith({ scopes: ['keys:write'] });
    const { token, id } = attacker;
    const path = `/v1/api-keys/${manager.apiKey}/secrets`;
    const rename = (name: string) => latchkey.call('PATCH', `${path}/${id}`, { auth: token, json: { name } });
    expect((await rename('default')).status).toBe(409);
    // One that was unrestricted has expired under that name: nothing is inherited from it.
    const old = await latchkey.secret(manager.user, { name: 'old' });
    const past = { expiresAt: new Date(Date.now() - 1) };
    await latchkey.dataSource.getRepository(ApiSecret).update({ id: old.id }, past);
    expect((await rename('old')).status).toBe(200);
    const next = await latchkey.call('POST', path, { auth: token, json: { name: 'old' } });
    const wide = next.status === 201 ? next.json.scopes : 'refused';
    expect([['keys:write'], 'refused']).toContainEqual(wide);
    await latchkey.apiKeys.revoke(OPERATOR, manager.apiKey, { name: 'old' });
  });

  it('may make and change what has no more than it has', async () => {
    const attacker = await attackerWith({ scopes: ['keys:read', 'keys:write', 'reports:*'] });
    const { token, id } = attacker;
    const path = `/v1/api-keys/${manager.apiKey}/secrets`;
    const send = (method: string, to: string, json: object) => latchkey.call(method, to, { auth: token, json });
    const made = await send('POST', path, {
      name: 'less',
      scopes: ['keys:read', 'reports:read', 'reports:deep:*', 'reports:*'],
    });
    expect(made.status).toBe(201);
    expect((await send('PATCH', `${path}/${made.json.secretId}`, { scopes: ['reports:deep:*'] })).status).toBe(200);
    expect((await send('PATCH', `${path}/${made.json.secretId}`, { scopes: ['keys:write'] })).status).toBe(200);
    expect((await send('PATCH', `${path}/${made.json.secretId}`, { name: 'fewer' })).status).toBe(200);
    const others = await send('POST', `/v1/api-keys/${victim.apiKey}/secrets`, { name: 'less', scopes: [] });
    expect([others.status, others.json.scopes]).toEqual([201, []]);
    // Its own place, with all that it has and without a word, and from the new one on with less.
    const next = await send('POST', path, { name: 'attacker', overlapSeconds: 60 });
    expect([next.status, next.json.scopes, next.json.replaced.id]).toEqual([201, attackerScopes, id]);
    expect((await send('DELETE', `${path}/${next.json.secretId}`, {})).status).toBe(204);
    expect((await send('PATCH', `${path}/${id}`, { scopes: ['keys:write'] })).status).toBe(200);
    expect((await send('PATCH', `${path}/${id}`, { scopes: ['keys:write', 'keys:read'] })).status).toBe(403);
    // Revoking makes nobody more powerful.
    expect((await latchkey.call('DELETE', `${path}?name=fewer`, { auth: token })).status).toBe(204);
    await latchkey.apiKeys.revoke(OPERATOR, manager.apiKey, { name: 'attacker' });
  });
  const attackerScopes = ['keys:read', 'keys:write', 'reports:*'];

  it('gives no scope on that was taken from it, not even in the moment when that happens', async () => {
    const { token, id } = await attackerWith({ scopes: ['keys:write', 'users:write'] });
    const path = `/v1/api-keys/${manager.apiKey}/secrets`;
    const make = (i: number) =>
      latchkey.call('POST', `/v1/api-keys/${victim.apiKey}/secrets`, {
        auth: token,
        json: { name: `race ${i % 8}`, scopes: ['users:write'] },
      });
    expect((await make(0)).status).toBe(201);
    const words = Array.from({ length: 40 }, (_, i) => make(i));
    const taken = await latchkey.call('PATCH', `${path}/${id}`, {
      auth: manager.token,
      json: { scopes: ['keys:write'] },
    });
    const made = async () => {
      const [{ count }] = await latchkey.dataSource.query(
        `SELECT COUNT(*) AS count FROM lk_api_secrets WHERE created_at > ? AND scopes LIKE '%users:write%'`,
        [Date.now() - 60_000],
      );
      return Number(count);
    };
    const atTheAnswer = await made();
    const statuses = (await Promise.all(words)).map(({ status }) => status);
    expect(taken.status).toBe(200);
    expect(await made()).toBe(atTheAnswer);
    expect(statuses.filter((status) => status !== 201 && status !== 403)).toEqual([]);
    expect((await make(0)).status).toBe(403);
    await latchkey.apiKeys.revoke(OPERATOR, manager.apiKey, { name: 'attacker' });
  });

  it('of which a host has kept the principal from before: what it had is not believed', async () => {
    const attacker = await attackerWith({ scopes: null });
    const actor = await principalOf(attacker);
    await latchkey.apiKeys.patchSecret(OPERATOR, manager.apiKey, attacker.id, { scopes: ['keys:write'] });
    const before = await everything();
    await expectForbidden([
      latchkey.apiKeys.generate(actor, { user: keyless }),
      latchkey.users.update(actor, keyless, { roles: [SYSTEM_MANAGER] }),
      latchkey.accounts.update(actor, keyless, { password: PASSWORD }),
      latchkey.apiKeys.generate(actor, { user: keyless, scopes: ['keys:write'] }),
    ]);
    expect(await everything()).toEqual(before);
    await latchkey.apiKeys.revoke(OPERATOR, manager.apiKey, { name: 'attacker' });
  });
});

describe('a secret with networks', () => {
  const OWN = ['127.0.0.0/8', '10.0.0.0/8', '2001:db8::/32'];
  const anywhere = /no networks, so good from anywhere/;
  const elsewhere = (...networks: string[]): Wish => ({ may: { allowedNetworks: networks }, missing: /the networks / });

  it('makes none that is good elsewhere, and changes nothing', async () => {
    const attacker = await attackerWith({ allowedNetworks: OWN });
    const before = await everything();
    expect(
      await climb(attacker, [
        { may: { allowedNetworks: null }, missing: anywhere },
        elsewhere('0.0.0.0/0'),
        elsewhere('::/0'),
        elsewhere('126.0.0.0/7'),
        elsewhere('127.0.0.1', '192.0.2.1'),
        elsewhere('2001:db8::/31'),
        elsewhere('::ffff:0.0.0.0/96'),
        elsewhere('::1'),
      ]),
    ).toEqual([]);
    for (const user of [manager.user, victim.user, keyless]) {
      const path = `/api/method/${GENERATE}?user=${user}`;
      const { status, text } = await latchkey.call('POST', path, { auth: attacker.token });
      expect([status, text]).toEqual([403, expect.stringMatching(anywhere)]);
    }
    const actor = await principalOf(attacker);
    for (const allowedNetworks of [null, undefined, ['0.0.0.0/1']]) {
      await expectForbidden([
        latchkey.apiKeys.generate(actor, { user: victim.user, allowedNetworks }),
        latchkey.apiKeys.create(actor, { user: keyless, allowedNetworks }),
        latchkey.apiKeys.addSecret(actor, manager.apiKey, { allowedNetworks, name: 'more' }),
        latchkey.apiKeys.patchSecret(actor, victim.apiKey, retiring, { allowedNetworks }),
      ]);
    }
    expect(await everything()).toEqual(before);
  });

  it('and with scopes is held by both', async () => {
    const attacker = await attackerWith({ scopes: ['keys:write'], allowedNetworks: OWN });
    const before = await everything();
    expect(
      await climb(attacker, [
        { may: { allowedNetworks: null, scopes: ['keys:write'] }, missing: anywhere },
        { may: { allowedNetworks: ['10.0.0.1'], scopes: null }, missing: /no scopes/ },
      ]),
    ).toEqual([]);
    expect(await everything()).toEqual(before);
  });

  it('may make those that are good in a part of them', async () => {
    const { token, id } = await attackerWith({ allowedNetworks: OWN });
    const path = `/v1/api-keys/${manager.apiKey}/secrets`;
    const send = (method: string, to: string, json: object) => latchkey.call(method, to, { auth: token, json });
    const networks = ['127.0.0.1', '::ffff:10.0.0.0/104', '10.1.0.0/16', '2001:db8:1::/48'];
    const made = await send('POST', path, { name: 'less', allowedNetworks: networks });
    expect([made.status, made.json.allowedNetworks]).toEqual([
      201,
      ['127.0.0.1/32', '10.0.0.0/8', '10.1.0.0/16', '2001:db8:1::/48'],
    ]);
    expect((await send('POST', path, { name: 'attacker', overlapSeconds: 60 })).json.allowedNetworks).toEqual(OWN);
    expect((await send('PATCH', `${path}/${id}`, { allowedNetworks: ['127.0.0.1'] })).status).toBe(200);
    expect((await send('PATCH', `${path}/${id}`, { allowedNetworks: ['127.0.0.0/8'] })).status).toBe(403);
    for (const name of ['less', 'attacker']) await latchkey.apiKeys.revoke(OPERATOR, manager.apiKey, { name });
  });
});

describe('a System Manager by a secret with scopes', () => {
  const ALL = ['users:*', 'roles:*', 'keys:*', 'sessions:*', 'audit:read'];
  let target: string;
  beforeAll(async () => {
    target = newName();
    await latchkey.accounts.create(OPERATOR, { email: target, fullName: 'T', roles: ['Reader'], password: PASSWORD });
  });

  const by = async (scopes: string[]) => {
    const secret = await attackerWith({ scopes });
    const send = (method: string, path: string, json?: object) =>
      latchkey.call(method, path, { auth: secret.token, ...(json && { json }) });
    return { secret, send, actor: await principalOf(secret) };
  };
  const newUser = (more: object) => ({ email: newName(), fullName: 'New', ...more });

  it.each([[['users:write']], [['users:write', 'roles:write']], [ALL]])(
    '%j sets no password, and gives not the role System Manager',
    async (scopes) => {
      const { send, actor } = await by(scopes);
      const before = await everything();
      const { accounts, users } = latchkey;
      const wrong: unknown[] = [];
      const mayRoles = scopes.length > 1;
      const attempts: [string, string, object, RegExp][] = [
        ['POST', '/v1/users', newUser({ password: PASSWORD }), /sets no password/],
        ['POST', '/v1/users', newUser({ password: PASSWORD, roles: [] }), /sets no password/],
        ['PATCH', `/v1/users/${target}`, { password: PASSWORD }, /sets no password/],
        ['PATCH', `/v1/users/${target}`, { password: PASSWORD, fullName: 'X' }, /sets no password/],
        ['PATCH', `/v1/users/${target.toUpperCase()}`, { password: PASSWORD }, /sets no password/],
        ['PATCH', `/v1/users/${manager.user}`, { password: PASSWORD }, /session/],
        ['PATCH', `/v1/users/${manager.user}`, { password: PASSWORD, currentPassword: 'x' }, /session/],
        ['POST', '/v1/users', newUser({ roles: [SYSTEM_MANAGER] }), mayRoles ? /System Manager/ : /roles:write/],
        ['POST', '/v1/users', newUser({ roles: ['Reader', SYSTEM_MANAGER] }), /./],
        ['PATCH', `/v1/users/${target}`, { roles: [SYSTEM_MANAGER, 'Reader'] }, /./],
        ['PATCH', `/v1/users/${keyless}`, { roles: [SYSTEM_MANAGER], enabled: true }, /./],
      ];
      for (const [method, path, json, sentence] of attempts) {
        const { status, json: said } = await send(method, path, json);
        const isRefused = status === 403 && ['forbidden', 'session_required'].includes(said.code);
        if (!isRefused || !sentence.test(said.detail)) wrong.push([method, path, json, status, said]);
      }
      expect(wrong).toEqual([]);
      await expectForbidden([
        accounts.create(actor, newUser({ password: PASSWORD }) as Parameters<AccountsService['create']>[1]),
        accounts.update(actor, target, { password: PASSWORD }),
        accounts.update(actor, target, { password: PASSWORD, oneTimeUntil: new Date(Date.now() + 60_000) }),
        users.update(actor, target, { roles: [SYSTEM_MANAGER] }),
        users.create(actor, { email: newName(), fullName: 'X', roles: [SYSTEM_MANAGER] }),
        users.ensure(actor, { name: newName(), roles: [SYSTEM_MANAGER] }),
        users.ensure(actor, { name: target, roles: [SYSTEM_MANAGER, 'Reader'] }),
      ]);
      // A token opens no session, whatever it has.
      const session = await send('POST', '/v1/session', { user: target, password: PASSWORD });
      expect([session.status, session.json.code]).toEqual([403, 'session_required']);
      expect(await everything()).toEqual(before);
    },
  );

  it('without roles:write gives and takes no role at all, and makes none', async () => {
    const { send, actor } = await by(['users:write', 'users:read', 'roles:read']);
    const before = await everything();
    for (const [method, path, json] of [
      ['POST', '/v1/users', newUser({ roles: ['Reader'] })],
      ['PATCH', `/v1/users/${target}`, { roles: [] }],
      ['PATCH', `/v1/users/${keyless}`, { roles: ['Reader'] }],
      ['PATCH', `/v1/users/${manager.user}`, { roles: [SYSTEM_MANAGER, 'Reader'] }],
    ] as const) {
      const { status, json: said } = await send(method, path, json);
      expect([status, said.code, said.detail]).toEqual([403, 'forbidden', expect.stringContaining('"roles:write"')]);
    }
    const created = await send('POST', '/v1/roles', { name: 'New' });
    expect([created.status, created.json.requiredScopes]).toEqual([403, ['roles:write']]);
    await expectForbidden([
      latchkey.users.ensure(actor, { name: keyless, roles: ['A New One'] }),
      latchkey.users.ensure(actor, { name: target, roles: [] }),
      latchkey.users.update(actor, target, { roles: ['Reader', 'A New One'] }),
    ]);
    expect(await everything()).toEqual(before);
    // What changes no role is no business of that scope.
    expect((await send('PATCH', `/v1/users/${target}`, { roles: ['Reader'], fullName: 'Same Roles' })).status).toBe(
      200,
    );
    expect((await latchkey.users.ensure(actor, { name: target, roles: ['Reader'], fullName: 'T' })).fullName).toBe('T');
  });

  it('may do what its scopes are for', async () => {
    const { send } = await by(ALL);
    const json = newUser({ roles: ['Reader'] }) as { email: string };
    expect((await send('POST', '/v1/users', json)).status).toBe(201);
    expect((await send('POST', '/v1/roles', { name: 'Another' })).status).toBe(201);
    expect((await send('PATCH', `/v1/users/${json.email}`, { roles: ['Another'], enabled: false })).status).toBe(200);
    expect((await send('PATCH', `/v1/users/${json.email}`, { roles: [], enabled: true })).status).toBe(200);
    expect((await send('DELETE', '/v1/roles/Another')).status).toBe(204);
    expect((await send('DELETE', `/v1/users/${json.email}/sessions`)).status).toBe(204);
    expect((await send('DELETE', `/v1/users/${json.email}`)).status).toBe(204);
    // Taking the role System Manager gives nobody anything.
    const other = await latchkey.key([SYSTEM_MANAGER]);
    expect((await send('PATCH', `/v1/users/${other.user}`, { roles: [] })).status).toBe(200);
  });

  it('loses all that a secret may with the role', async () => {
    const { user } = await latchkey.key([SYSTEM_MANAGER]);
    const { token } = await latchkey.secret(user, { scopes: ALL });
    const list = async () => {
      const { status, json } = await latchkey.call('GET', '/v1/users', { auth: token });
      return [status, json.code];
    };
    expect(await list()).toEqual([200, undefined]);
    await latchkey.users.update(OPERATOR, user, { roles: [] });
    expect(await list()).toEqual([403, 'forbidden']);
  });

  it('with networks sets no password, which would open a session from anywhere', async () => {
    const { user } = await latchkey.key([SYSTEM_MANAGER]);
    const { token } = await latchkey.secret(user, { allowedNetworks: ['127.0.0.0/8'] });
    const { user: other } = await latchkey.key();
    const json = { password: PASSWORD };
    const { status, json: problem } = await latchkey.call('PATCH', `/v1/users/${other}`, { auth: token, json });
    expect([status, problem.code]).toEqual([403, 'forbidden']);
    expect(problem.detail).toContain('sets no password');
  });
});
