import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { request } from 'node:http';
import { ScopesService } from '../../src/api-keys/scopes.service.js';
import { AuditService } from '../../src/audit/audit.service.js';
import type { AuditRecord } from '../../src/audit/chain.js';
import { AUDIT_EVENTS, type AuditEvent } from '../../src/audit/events.js';
import { GatheredRefusals } from '../../src/audit/gathered-refusals.js';
import { Database } from '../../src/database/database.js';
import { OPERATOR, type Principal, SYSTEM_MANAGER } from '../../src/users/principal.js';
import { SessionsService } from '../../src/sessions/sessions.service.js';
import {
  ENGINE,
  freshDatabase,
  newName,
  startApp,
  type TestApp,
  type TestDatabase,
  type TestKey,
} from '../support/app.js';
import { allLines, allPages, asRecord, chained, insertRows, setHead, storedRows, type Told } from '../support/audit.js';
import { latchkeyHere } from '../support/command.js';
import { type Answer, client } from '../support/http.js';
import { proxyTo } from '../support/proxy.js';

/** The audit trail, from outside. That a change of its rows is found is in audit-tampering.spec.ts. */

const PASSWORD = 'a password to test with';
const NEXT = 'another password to test with';
const AGENT = 'an auditor/1.0';
const DAY = 24 * 60 * 60_000;
const ZEROS = '00000000-0000-4000-8000-000000000000';

let database: TestDatabase;
let latchkey: TestApp;
/** Another node. */
let other: TestApp;
let administrator: TestKey;
let manager: TestKey;
let by: { actor: string; credential: string };

beforeAll(async () => {
  database = await freshDatabase();
  latchkey = await startApp({ trustProxy: ['127.0.0.1'] }, database);
  other = await startApp({ recordAddresses: false }, database);
  administrator = await latchkey.keyOf('Administrator');
  manager = await latchkey.key([SYSTEM_MANAGER]);
  const me = await call('GET', '/v1/me');
  by = { actor: manager.user, credential: me.json.credential.secretId };
}, 60_000);
afterAll(async () => {
  await other?.close();
  await latchkey?.close();
  await database.remove();
});

/** As the manager. */
function call(method: string, path: string, json?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const sent = { 'user-agent': AGENT, ...headers };
  const auth = headers.cookie === undefined ? { auth: manager.token } : {};
  return latchkey.call(method, path, { ...auth, headers: sent, ...(json !== undefined && { json }) });
}

const rowsFrom = async (n: number): Promise<Told[]> =>
  (await storedRows(latchkey.dataSource))
    .map(asRecord)
    .filter((row) => row.n > n)
    .map((row) => ({ ...row, at: row.at.toISOString() }));
const head = () => latchkey.app.get(AuditService).head();

/** Which rows something leaves. */
async function left<T>(work: () => Promise<T>): Promise<{ rows: Told[]; result: T }> {
  const { n } = await head();
  const result = await work();
  return { rows: await rowsFrom(n), result };
}

const seen = new Set<AuditEvent>();

/** Has that done by the manager over HTTP. @returns what its rows have in common, and the answer. */
async function byRequest(work: () => Promise<Answer>, events: AuditEvent[]): Promise<{ rows: Told[]; result: Answer }> {
  const { rows, result } = await left(work);
  expect(rows.map(({ event }) => event)).toEqual(events);
  for (const row of rows) {
    seen.add(row.event);
    expect(row).toMatchObject({
      address: '127.0.0.1',
      userAgent: AGENT,
      requestId: result.headers['x-request-id'],
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  }
  return { rows, result };
}

const ABSENT = { subject: null, apiKey: null, secretId: null };

it('50 changes at once on two nodes: no gap, no time that goes back, and the line of each has its n', async () => {
  const { rows } = await left(() =>
    Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const node = [latchkey, other][i % 2]!;
        const json = { email: newName(), fullName: 'N' };
        expect((await node.call('POST', '/v1/users', { auth: manager.token, json })).status).toBe(201);
      }),
    ),
  );
  expect(rows).toHaveLength(50);
  expect(rows.map(({ n }) => n)).toEqual(rows.map((_, i) => rows[0]!.n + i));
  const times = rows.map(({ at }) => at);
  expect(times).toEqual(times.toSorted());
  expect((await latchkey.app.get(AuditService).verify()).problem).toBeUndefined();
  const lines = [...latchkey.log, ...other.log];
  for (const { n, event, subject } of rows)
    expect(lines.filter((line) => line.n === n)).toMatchObject([{ event, subject }]);
});

describe('what is recorded', () => {
  it('of a user and its roles', async () => {
    const name = newName();
    const path = `/v1/users/${name}`;
    const subject = { ...by, ...ABSENT, subject: name };
    const json = { email: name, fullName: 'A B', enabled: false };
    const created = await byRequest(() => call('POST', '/v1/users', json), ['user.created']);
    expect(created.rows).toMatchObject([{ ...subject, details: { fullName: 'A B', enabled: false, roles: [] } }]);

    const all = { fullName: 'C D', enabled: true, roles: [SYSTEM_MANAGER] };
    const changed = await byRequest(() => call('PATCH', path, all), ['roles.changed', 'user.renamed', 'user.enabled']);
    expect(changed.rows.map(({ details }) => details)).toEqual([
      { roles: { before: [], after: [SYSTEM_MANAGER] } },
      { fullName: { before: 'A B', after: 'C D' } },
      {},
    ]);
    for (const row of changed.rows) expect(row).toMatchObject(subject);
    expect((await left(() => call('PATCH', path, all))).rows).toEqual([]); // it changes nothing

    const disabled = await byRequest(() => call('PATCH', path, { enabled: false }), ['user.disabled']);
    expect(disabled.rows).toMatchObject([subject]);
    const deleted = await byRequest(() => call('DELETE', path), ['user.deleted']);
    expect(deleted.rows).toMatchObject([{ ...subject, details: { fullName: 'C D', roles: [SYSTEM_MANAGER] } }]);
  });

  it('of roles and scopes', async () => {
    for (const [json, path, kind] of [
      [{ name: 'A Role' }, '/v1/roles', 'role'],
      [{ name: 'a:scope', description: 'D' }, '/v1/scopes', 'scope'],
    ] as const) {
      const subject = {
        ...by,
        ...ABSENT,
        subject: json.name,
        details: 'description' in json ? { description: 'D' } : {},
      };
      const created = await byRequest(() => call('POST', path, json), [`${kind}.created`]);
      expect(created.rows).toMatchObject([subject]);
      const again = await left(() => call('POST', path, json));
      expect([again.result.status, again.rows]).toEqual([409, []]);
      const one = `${path}/${encodeURIComponent(json.name)}`;
      const deleted = await byRequest(() => call('DELETE', one), [`${kind}.deleted`]);
      expect(deleted.rows).toMatchObject([subject]);
      const gone = await left(() => call('DELETE', one));
      expect([gone.result.status, gone.rows]).toEqual([404, []]);
    }
    const scopes = latchkey.app.get(ScopesService);
    const ensured = await left(async () => {
      await scopes.ensure({ 'an:app': 'Before' });
      await Promise.all([scopes.ensure({ 'an:app': 'After' }), scopes.ensure({ 'an:app': 'After' })]);
    });
    const command = { ...ABSENT, actor: 'command', credential: null, subject: 'an:app' };
    expect(ensured.rows).toMatchObject([
      { ...command, event: 'scope.created', details: { description: 'Before' } },
      { ...command, event: 'scope.changed', details: { description: { before: 'Before', after: 'After' } } },
    ]);
    seen.add('scope.changed');
  });

  it('of a secret: what it may, whose place it took, and what became of that', async () => {
    const user = newName();
    await latchkey.users.create(OPERATOR, { email: user, fullName: 'S' });
    const may = { name: 'ci', scopes: ['keys:read'], allowedNetworks: ['192.0.2.0/24'] };
    const expiresAt = new Date(Date.now() + DAY).toISOString();
    const first = await byRequest(
      () => call('POST', '/v1/api-keys', { user, ...may, expiresAt }),
      ['secret.generated'],
    );
    const { apiKey, secretId } = first.result.json;
    const about = { ...by, subject: user, apiKey, secretId };
    expect(first.rows).toMatchObject([{ ...about, details: { ...may, expiresAt, replaces: null } }]);
    const path = `/v1/api-keys/${apiKey}/secrets`;

    const changes = { name: 'cd', scopes: ['keys:read', 'users:read'], allowedNetworks: null };
    const patch = await byRequest(() => call('PATCH', `${path}/${secretId}`, changes), ['secret.changed']);
    expect(patch.rows).toMatchObject([about]);
    expect(patch.rows[0]!.details).toEqual({
      name: { before: 'ci', after: 'cd' },
      scopes: { before: ['keys:read'], after: ['keys:read', 'users:read'] },
      allowedNetworks: { before: ['192.0.2.0/24'], after: null },
    });
    expect((await left(() => call('PATCH', `${path}/${secretId}`, changes))).rows).toEqual([]);

    const next = await byRequest(
      () => call('POST', path, { name: 'cd', overlapSeconds: 60 }),
      ['secret.rotated', 'secret.changed'],
    );
    const newId = next.result.json.secretId;
    expect(next.rows[0]).toMatchObject({ ...about, secretId: newId, details: { name: 'cd', replaces: secretId } });
    const end = next.result.json.replaced.expiresAt;
    const retired = {
      replacedBy: newId,
      expiresAt: { before: expiresAt, after: end },
      retiresAt: { before: null, after: end },
    };
    expect(next.rows[1]).toMatchObject({ ...about, details: retired });

    // The old one is no longer replaced.
    const back = await byRequest(() => call('DELETE', `${path}/${newId}`), ['secret.revoked', 'secret.changed']);
    expect(back.rows[0]).toMatchObject({ ...about, secretId: newId, details: { name: 'cd' } });
    expect(back.rows[1]).toMatchObject({ ...about, details: { retiresAt: { before: end, after: null } } });
    expect((await left(() => call('DELETE', `${path}/${newId}`))).rows).toEqual([]);

    const frappe = await byRequest(
      () => call('POST', '/api/method/frappe.core.doctype.user.user.generate_keys', { user }),
      ['secret.generated'],
    );
    expect(frappe.rows).toMatchObject([{ ...by, subject: user, apiKey, details: { name: 'default', scopes: null } }]);
    const rotated = await byRequest(
      () => call('POST', '/api/method/frappe.core.doctype.user.user.generate_keys', { user }),
      ['secret.rotated', 'secret.revoked'],
    );
    const oldId = frappe.rows[0]!.secretId;
    const replacedBy = rotated.rows[0]!.secretId;
    expect(rotated.rows[1]).toMatchObject({ ...by, secretId: oldId, details: { name: 'default', replacedBy } });
  });

  it('of passwords and sessions, by REST and by the Frappe API', async () => {
    const name = newName();
    await latchkey.users.create(OPERATOR, { email: name, fullName: 'P' });
    const set = await byRequest(() => call('PATCH', `/v1/users/${name}`, { password: PASSWORD }), ['password.changed']);
    expect(set.rows).toMatchObject([{ ...by, ...ABSENT, subject: name, details: { endedSessions: [] } }]);
    const logIn = (headers: Record<string, string> = {}) =>
      call('POST', '/v1/session', { user: name, password: PASSWORD }, { cookie: '', ...headers });
    const one = await byRequest(() => logIn(), ['session.opened']);
    const session = one.rows[0]!.credential!;
    const own = { ...ABSENT, actor: name, subject: name };
    expect(one.rows).toMatchObject([{ ...own, credential: session, details: { session, endedSessions: [] } }]);
    const cookie = /^sid=[^;]+/.exec(one.result.headers['set-cookie']!.find((text) => text.startsWith('sid='))!)![0];
    // A log-in with the cookie of a session ends that one.
    const two = await byRequest(() => logIn({ cookie }), ['session.ended', 'session.opened']);
    expect(two.rows[0]).toMatchObject({ ...own, credential: session, details: { sessions: [session] } });
    const cookie2 = /^sid=[^;]+/.exec(two.result.headers['set-cookie']!.find((text) => text.startsWith('sid='))!)![0];
    const out = await byRequest(() => call('DELETE', '/v1/session', undefined, { cookie: cookie2 }), ['session.ended']);
    expect(out.rows).toMatchObject([{ ...own, credential: two.rows[1]!.credential }]);
    expect((await left(() => call('DELETE', '/v1/session', undefined, { cookie: cookie2 }))).rows).toEqual([]);

    const form = { usr: name, pwd: PASSWORD };
    const frappe = await byRequest(() => call('POST', '/api/method/login', form, { cookie: '' }), ['session.opened']);
    const again = await byRequest(() => logIn(), ['session.opened']);
    const ids = [frappe, again].map(({ rows }) => rows[0]!.credential);
    const ended = await byRequest(() => call('DELETE', `/v1/users/${name}/sessions`), ['session.ended']);
    expect(ended.rows).toMatchObject([{ ...by, ...ABSENT, subject: name }]);
    expect([...(ended.rows[0]!.details.sessions as string[])].toSorted()).toEqual(ids.toSorted());
    const last = await byRequest(() => logIn(), ['session.opened']);
    const next = await byRequest(() => call('PATCH', `/v1/users/${name}`, { password: NEXT }), ['password.changed']);
    expect(next.rows[0]!.details).toEqual({ endedSessions: [last.rows[0]!.credential] });
  });

  it('a one-time password is replaced with the log-in, or not at all', async () => {
    const name = newName();
    await latchkey.users.create(OPERATOR, { email: name, fullName: 'O' });
    const oneTimeUntil = new Date(Date.now() + DAY);
    await latchkey.accounts.update(OPERATOR, name, { password: PASSWORD, oneTimeUntil });
    const logIn = () =>
      latchkey.call('POST', '/v1/session', { json: { user: name, password: PASSWORD, newPassword: NEXT } });
    // The user is disabled between the check of the password and the change, as by another node.
    const core = latchkey.app.get(Database);
    const { change } = core;
    core.change = async (changeFor, work) => {
      core.change = change;
      await latchkey.users.update(OPERATOR, name, { enabled: false });
      return change.call(core, changeFor, work) as never;
    };
    const refused = await left(() => logIn());
    expect([refused.result.status, refused.rows.map(({ event }) => event)]).toEqual([401, ['user.disabled']]);
    await latchkey.users.update(OPERATOR, name, { enabled: true });
    const { rows, result } = await left(() => logIn()); // it still is the one-time password
    expect([result.status, rows.map(({ event }) => event)]).toEqual([201, ['password.changed', 'session.opened']]);
  });

  it('of refusals, those that are alike in one row', async () => {
    const { user } = await latchkey.key();
    const { token, apiKey, id } = await latchkey.secret(user, { allowedNetworks: ['192.0.2.0/24'] });
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    for (let i = 0; i < 3; i++) {
      await latchkey.call('GET', '/v1/me', { auth: token, ...from('198.51.100.7') });
      await latchkey.call('POST', '/v1/session', {
        json: { user, password: 'wrong password' },
        ...from('198.51.100.7'),
      });
      const nobody = { user: 'nobody@example.com', password: 'wrong password' };
      await latchkey.call('POST', '/v1/session', { json: nobody, ...from('198.51.100.8') });
    }
    const { rows } = await left(() => latchkey.app.get(GatheredRefusals).write());
    const count = { count: 3, from: expect.any(String), to: expect.any(String) };
    const guest = { ...ABSENT, actor: 'Guest', credential: null, userAgent: null, requestId: null, details: count };
    expect(rows).toHaveLength(3);
    expect(rows).toMatchObject([
      { event: 'secret.refused_address', actor: user, subject: user, credential: id, apiKey, address: '198.51.100.7' },
      { ...guest, event: 'session.refused', subject: user, address: '198.51.100.7' },
      { ...guest, event: 'session.refused', address: '198.51.100.8' },
    ]);
    for (const { event } of rows) seen.add(event);
    expect((await left(() => latchkey.app.get(GatheredRefusals).write())).rows).toEqual([]);
  });

  it('of a command and of the library, which come from nowhere', async () => {
    const email = newName();
    const env = { DATABASE_URL: database.url };
    const nowhere = { actor: 'command', credential: null, address: null, userAgent: null, requestId: null };
    const created = await left(() => latchkeyHere(['users', 'create', email, '--full-name', 'C'], env));
    expect(created.rows).toMatchObject([{ ...nowhere, event: 'user.created', subject: email }]);
    const line = JSON.parse(created.result.stderr.trim());
    expect(line).toMatchObject({ event: 'user.created', n: created.rows[0]!.n, subject: email });
    const { rows } = await left(() => latchkey.users.ensure(OPERATOR, { name: email, fullName: 'D' }));
    expect(rows).toMatchObject([{ ...nowhere, event: 'user.renamed', subject: email }]);
    expect((await left(() => latchkey.users.ensure(OPERATOR, { name: email, fullName: 'D' }))).rows).toEqual([]);
  });

  it('of whatever a host says of where it comes from: it fits, and the chain stays whole', async () => {
    const { user } = await latchkey.key();
    await latchkey.accounts.update(OPERATOR, user, { password: PASSWORD });
    const odd = ['é'.repeat(500), `${'x'.repeat(63)}😀`, `${'x'.repeat(119)}😀`, '\ud83d', 'a\u0000b', ' blank '];
    for (const text of odd) {
      const origin = { address: text, userAgent: text, requestId: text };
      const { principal } = await latchkey.app
        .get(SessionsService)
        .logIn(undefined, { user, password: PASSWORD }, origin);
      await latchkey.users.update({ ...principal, origin }, user, { fullName: `Name ${odd.indexOf(text)}` });
    }
    expect(await latchkey.app.get(AuditService).verify()).not.toHaveProperty('problem');
  });

  it('nothing of where from with RECORD_ADDRESSES=off', async () => {
    const email = newName();
    const { rows } = await left(async () => {
      const json = { email, fullName: 'N', password: PASSWORD };
      await other.call('POST', '/v1/users', { auth: manager.token, json });
      await other.call('POST', '/v1/session', { json: { user: email, password: PASSWORD } });
      await other.call('POST', '/v1/session', { json: { user: email, password: 'wrong password' } });
      await other.app.get(GatheredRefusals).write();
    });
    const events = rows.map(({ event }) => event);
    expect(events).toEqual(['user.created', 'password.changed', 'session.opened', 'session.refused']);
    for (const row of rows) expect(row).toMatchObject({ address: null, userAgent: null, requestId: null });
  });

  it('nothing of what is refused or rolled back, and the host hears what is committed after its commit', async () => {
    const heard: { row: AuditRecord; isThere: Promise<boolean> }[] = [];
    const listener = (message: unknown) => {
      const row = message as AuditRecord;
      // Asked of another node, so it is there only when it is committed.
      const isThere = other.dataSource
        .query('SELECT hash FROM lk_audit WHERE n = ?', [row.n])
        .then(([found]) => found?.hash === row.hash);
      heard.push({ row, isThere });
    };
    subscribe('latchkey:audit', listener);
    try {
      const email = newName();
      const user = { email, fullName: 'R' };
      for (const [status, json] of [
        [422, { ...user, roles: ['No Such Role'] }],
        [422, { ...user, fullName: '' }],
        [403, user],
      ] as const) {
        const auth = status === 403 ? (await latchkey.key()).token : manager.token;
        const { rows, result } = await left(() => latchkey.call('POST', '/v1/users', { auth, json }));
        expect([result.status, rows]).toEqual([status, []]);
      }
      heard.length = 0;
      // The last step of the transaction fails, when the rows of the trail are recorded.
      const hook = () => Promise.reject(new Error('no'));
      const rolledBack = await left(() => latchkey.users.create(OPERATOR, user, hook).catch((error: Error) => error));
      expect([rolledBack.result, rolledBack.rows, heard]).toEqual([new Error('no'), [], []]);
      const stale = { 'if-match': '"stale"' };
      const refused = await left(() => call('PATCH', `/v1/users/${manager.user}`, { fullName: 'X' }, stale));
      expect([refused.result.status, refused.rows, heard]).toEqual([412, [], []]);
      const { rows } = await byRequest(() => call('POST', '/v1/users', user), ['user.created']);
      expect(heard.map(({ row }) => ({ ...row, at: row.at.toISOString() }))).toEqual(rows);
      expect(await Promise.all(heard.map(({ isThere }) => isThere))).toEqual([true]);
    } finally {
      unsubscribe('latchkey:audit', listener);
    }
  });

  it('each event of the closed list but two was seen here', () => {
    expect([...seen].toSorted()).toEqual(
      AUDIT_EVENTS.filter((event) => !['limit.reached', 'audit.purged'].includes(event)).toSorted(),
    );
  });
});

describe('who may', () => {
  it('a System Manager, and a secret of one with audit:read', async () => {
    const reader = await latchkey.secret(manager.user, { scopes: ['audit:read'] });
    const others = await latchkey.secret(manager.user, { scopes: ['users:read', 'keys:read'] });
    const { token, user } = await latchkey.key();
    const own = await latchkey.secret(user, { scopes: ['audit:read'] });
    const all = [
      [manager.token, 200],
      [administrator.token, 200],
      [reader.token, 200],
      [others.token, 403],
      [token, 403],
      [own.token, 403],
      [`${token}x`, 401],
    ] as const;
    for (const accept of ['application/json', 'application/x-ndjson']) {
      for (const [auth, status] of all) {
        expect((await latchkey.call('GET', '/v1/audit?limit=1', { auth })).status).toBe(status);
        const lines = await latchkey.call('GET', '/v1/audit?event=role.deleted', { auth, headers: { accept } });
        expect(lines.status).toBe(status);
      }
    }
    expect((await latchkey.call('GET', '/v1/audit')).status).toBe(401);
    const mine = await Promise.all(
      [token, own.token, others.token].map(
        async (auth) => (await latchkey.call('GET', '/v1/me/audit', { auth })).status,
      ),
    );
    expect(mine).toEqual([200, 200, 403]);
  });

  it('rows about Administrator are for Administrator', async () => {
    await latchkey.call('POST', '/v1/session', { json: { user: 'Administrator', password: 'wrong password' } });
    await latchkey.app.get(GatheredRefusals).write();
    for (const query of [
      {},
      { subject: 'Administrator' },
      { user: 'administrator' },
      { apiKey: administrator.apiKey },
    ]) {
      const seenBy = async (auth: string) => allPages(latchkey, auth, { ...query, limit: '100' } as never);
      const hidden = ({ subject }: Told) => subject === 'Administrator';
      const [all, some] = [await seenBy(administrator.token), await seenBy(manager.token)];
      expect(all.some(hidden)).toBe(true);
      expect(some).toEqual(all.filter((row) => !hidden(row)));
      const lines = await allLines(latchkey, manager.token, query as never);
      expect(lines).toEqual(some.toReversed());
    }
    // A role of that name is nobody's secret.
    const role = await left(() => call('POST', '/v1/roles', { name: 'Administrator' }));
    await call('DELETE', '/v1/roles/Administrator');
    const { json } = await call('GET', '/v1/audit?subject=Administrator');
    expect(json.data.map(({ event }: Told) => event)).toEqual(['role.deleted', 'role.created']);
    expect(json.data[1]).toEqual(role.rows[0]);
  });

  it('/v1/me/audit has what was done by the caller and to the caller', async () => {
    const { user, token } = await latchkey.key();
    const next = await call('PATCH', `/v1/users/${user}`, { fullName: 'By Another' });
    expect(next.status).toBe(200);
    await latchkey.call('PATCH', `/v1/users/${user}`, { auth: token, json: { fullName: 'By Me' } });
    await call('PATCH', `/v1/users/${manager.user}`, { fullName: 'Not Mine' });
    const rows = await allPages(latchkey, token, { limit: '1' }, '/v1/me/audit');
    expect(rows.map(({ event, actor }) => [event, actor])).toEqual([
      ['user.renamed', user],
      ['user.renamed', manager.user],
      ['secret.generated', 'command'],
      ['user.created', 'command'],
    ]);
    const own = await allPages(latchkey, manager.token, { limit: '100' }, '/v1/me/audit');
    const all = (await rowsFrom(0)).toReversed();
    expect(own).toEqual(all.filter(({ actor, subject }) => [actor, subject].includes(manager.user)));
  });
});

describe('filters', () => {
  const FIELDS = ['user', 'actor', 'subject', 'credential', 'apiKey', 'secretId', 'address', 'event', 'from', 'to'];
  type Field = 'actor' | 'subject' | 'credential' | 'apiKey' | 'secretId' | 'address' | 'event';

  function meets(row: Told, query: Record<string, string>): boolean {
    return Object.entries(query).every(([field, value]) => {
      if (field === 'user') return row.actor === value || row.subject === value;
      if (field === 'from') return row.at >= value;
      if (field === 'to') return row.at < value;
      return row[field as Field] === value;
    });
  }

  it('one by one and in pairs: those that fit, newest first, each once; by NDJSON the same', async () => {
    const all = (await rowsFrom(0)).toReversed();
    // Values that some rows have: of each field the most frequent one, and a rare one.
    const values = (field: string): string[] => {
      if (field === 'from' || field === 'to') return [0.3, 0.7].map((part) => all[Math.floor(all.length * part)]!.at);
      const column = (field === 'user' ? 'subject' : field) as Field;
      const found = all.flatMap((row) => row[column] ?? []);
      const counts = [...new Set(found)].map((value) => ({
        value,
        count: found.filter((one) => one === value).length,
      }));
      const sorted = counts.toSorted((a, b) => b.count - a.count);
      return [...new Set([sorted[0]!.value, sorted.at(-1)!.value])];
    };
    const queries: Record<string, string>[] = [{}];
    for (const [i, one] of FIELDS.entries()) {
      for (const value of values(one)) queries.push({ [one]: value });
      for (const two of FIELDS.slice(i + 1)) queries.push({ [one]: values(one)[0]!, [two]: values(two)[0]! });
    }
    expect(queries.length).toBeGreaterThan(60);
    let some = 0;
    for (const query of queries) {
      const expected = all.filter((row) => meets(row, query));
      if (expected.length > 0) some++;
      expect([query, await allPages(latchkey, administrator.token, { ...query, limit: '100' })]).toEqual([
        query,
        expected,
      ]);
      expect([query, await allLines(latchkey, administrator.token, query)]).toEqual([query, expected.toReversed()]);
    }
    expect(some).toBeGreaterThan(40);
  }, 60_000);

  it('pages of any size are the same list, also while rows are added', async () => {
    const all = (await rowsFrom(0)).toReversed();
    const pages: Told[] = [];
    let cursor: string | null = '';
    for (let i = 0; cursor !== null; i++) {
      const limit = 7 + (i % 5);
      const path: string = `/v1/audit?limit=${limit}${cursor && `&cursor=${cursor}`}`;
      const { json } = await latchkey.call('GET', path, { auth: administrator.token });
      pages.push(...json.data);
      cursor = json.nextCursor;
      await latchkey.users.update(OPERATOR, manager.user, { fullName: `Name ${i}` });
    }
    expect(pages).toEqual(all);
  });

  it('NDJSON goes on with `from` where it was broken off', async () => {
    const all = await allLines(latchkey, administrator.token);
    const { at, n } = all[Math.floor(all.length / 2)]!;
    const rest = await allLines(latchkey, administrator.token, { from: at });
    expect(rest.filter((row) => row.n > n)).toEqual(all.filter((row) => row.n > n));
    expect(rest.every((row) => row.at >= at)).toBe(true);
  });

  it('names of users in any letter case, by the command as well', async () => {
    const typed = manager.user.toUpperCase();
    for (const field of ['user', 'actor', 'subject']) {
      const exact = await allLines(latchkey, administrator.token, { [field]: manager.user });
      expect(exact.length).toBeGreaterThan(0);
      expect(await allLines(latchkey, administrator.token, { [field]: typed })).toEqual(exact);
      const { stdout } = await latchkeyHere(['audit', 'export', `--${field}`, typed], { DATABASE_URL: database.url });
      expect(
        stdout
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line)),
      ).toEqual(exact);
    }
  });

  it.each([
    ...FIELDS.map((field) => `${field}=${'x'.repeat(141)}`),
    ...FIELDS.map((field) => `${field}=a&${field}=b`),
    ...FIELDS.map((field) => `${field}[a]=b`),
    ...FIELDS.map((field) => `${field}=`),
    'event=user.*',
    'event=USER.CREATED',
    'from=yesterday',
    'from=2026-02-30T00:00:00Z',
    'from=2026-11-30',
    'from=2026-11-30T00:00:00',
    'to=0',
    'to=1e9',
    'limit=0',
    'limit=101',
    'limit=-1',
    'limit=1.5',
    'cursor=x',
    'cursor=',
    `cursor=${Buffer.from('["audit",null,"1"]').toString('base64url')}`,
    `cursor=${Buffer.from('["audit","1","1"]').toString('base64url')}`,
    `cursor=${Buffer.from('["secrets",1,"1"]').toString('base64url')}`,
    'n=1',
    'hash=0',
    'userAgent=x',
  ])('%s is refused with a sentence', async (query) => {
    for (const accept of ['application/json', 'application/x-ndjson']) {
      const { status, json } = await latchkey.call('GET', `/v1/audit?${query}`, {
        auth: administrator.token,
        headers: { accept },
      });
      expect([query, status >= 400 && status < 500, json?.detail]).toEqual([
        query,
        true,
        expect.stringMatching(/^\S.* .*\.$/),
      ]);
      expect(json.detail).not.toContain('expiresAt');
    }
  });

  it('NDJSON has no pages, and is for who asks for it', async () => {
    const ask = async (query: string, accept: string) => {
      const answer = await latchkey.call('GET', `/v1/audit?${query}`, {
        auth: administrator.token,
        headers: { accept },
      });
      return [answer.status, answer.headers['content-type']?.split(';')[0]];
    };
    const lines = 'application/x-ndjson';
    expect(await ask('limit=1', lines)).toEqual([400, 'application/problem+json']);
    expect(await ask('cursor=x', lines)).toEqual([400, 'application/problem+json']);
    for (const accept of [lines, 'Application/X-NDJSON; q=0.5', `text/plain, ${lines}`])
      expect([accept, ...(await ask('event=role.deleted', accept))]).toEqual([accept, 200, lines]);
    for (const accept of ['*/*', `${lines};q=0`, `${lines}x`, 'application/json'])
      expect([accept, ...(await ask('event=role.deleted', accept))]).toEqual([accept, 200, 'application/json']);
    expect(await allLines(latchkey, administrator.token, { event: 'limit.reached' })).toEqual([]);
    const packed = await latchkey.call('GET', '/v1/audit', {
      auth: administrator.token,
      headers: { accept: lines, 'accept-encoding': 'br, gzip' },
    });
    expect(packed.headers['content-encoding']).toBeUndefined();
  });
});

describe('a long trail', () => {
  const ROWS = 12_000;
  let away: TestDatabase;
  let far: TestApp;
  let proxy: Awaited<ReturnType<typeof proxyTo>> | undefined;
  let key: TestKey;

  beforeAll(async () => {
    away = await freshDatabase();
    let { url } = away;
    if (ENGINE !== 'sqlite') {
      const target = new URL(url);
      proxy = await proxyTo({ host: target.hostname, port: Number(target.port) });
      target.host = `127.0.0.1:${proxy.port}`;
      url = target.href;
    }
    const timeouts = { poolSize: 4, queryTimeoutMs: 1000, connectTimeoutMs: 1000 };
    far = await startApp({ database: { url, ...timeouts } }, away);
    await far.dataSource.query('DELETE FROM lk_audit');
    const row = { event: 'user.renamed', actor: 'command', credential: null, ...ABSENT } as const;
    const rest = { address: null, userAgent: null, requestId: null, details: { note: 'x'.repeat(500) } };
    const made = chained(
      Array.from({ length: ROWS }, (_, i) => ({ ...row, ...rest, at: new Date(1_700_000_000_000 + i) })),
    );
    await insertRows(far.dataSource, made.rows);
    await setHead(far.dataSource, made.head);
    key = await far.keyOf('Administrator');
    await far.call('GET', '/v1/me', { auth: key.token });
  }, 60_000);
  afterAll(async () => {
    await far.close();
    await proxy?.close();
    await away.remove();
  });

  /** Reads the beginning of the stream. */
  async function begin(whole: (text: string) => unknown = () => undefined) {
    const headers = { authorization: key.token, accept: 'application/x-ndjson' };
    const sent = request(`${far.url}/v1/audit`, { headers, agent: false });
    let text = '';
    const end = new Promise<'complete' | 'broken'>((resolve) => {
      sent.on('error', () => resolve('broken'));
      sent.on('response', (response) => {
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          if (text === '') whole(chunk);
          text += chunk;
          response.pause();
          setTimeout(() => response.resume(), 5);
        });
        response.on('error', () => resolve('broken'));
        response.on('end', () => resolve(response.complete ? 'complete' : 'broken'));
      });
    });
    sent.end();
    return { sent, end, text: () => text };
  }

  it('comes as a whole', async () => {
    expect(await allLines(far, key.token)).toHaveLength(ROWS + 1);
    const { end, text } = await begin();
    expect(await end).toBe('complete');
    expect(text().split('\n')).toHaveLength(ROWS + 2);
  });

  it('to a client that goes away in the middle: nothing is read on, and nothing is held', async () => {
    const core = far.app.get(Database);
    let reads = 0;
    const { select } = core;
    core.select = (...args) => (reads++, select.apply(core, args) as never);
    const { sent, end } = await begin(() => sent.destroy());
    expect(await end).toBe('broken');
    // As many streams as there are connections, and more: each gives back what it has.
    for (let i = 0; i < 8; i++) {
      const next = await begin(() => next.sent.destroy());
      await next.end;
    }
    const before = reads;
    expect((await far.call('GET', '/v1/audit?limit=1', { auth: key.token })).status).toBe(200);
    expect(reads).toBeLessThan(9 * (ROWS / 1000)); // all of them would be 13 reads a stream
    expect(before).toBeGreaterThan(0);
    core.select = select;
    // A poll that is late on a busy machine is not about this client.
    expect(far.log.filter(({ level, context }) => level === 'error' && context !== 'Revocation')).toEqual([]);
  });

  it('while the database goes away: 503 before the first row, and broken off after it', async () => {
    const core = far.app.get(Database);
    const headers = { accept: 'application/x-ndjson' };
    if (proxy) {
      let gone: Promise<void> | undefined;
      const { end, text } = await begin(() => (gone = proxy!.refuse()));
      expect(await end).toBe('broken');
      await gone;
      expect(text().split('\n').length).toBeLessThan(ROWS);
      // The secret is not known any more when its lease is over; till then it is the stream that answers.
      expect((await far.call('GET', '/v1/audit', { auth: key.token, headers })).status).toBe(503);
      await proxy.heal();
    } else {
      const { read } = core;
      let reads = 0;
      core.read = (work) =>
        ++reads > 2
          ? Promise.reject(Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' }))
          : (read.call(core, work) as never);
      const { end, text } = await begin();
      expect(await end).toBe('broken');
      expect(text().split('\n').length).toBeLessThan(ROWS);
      core.read = read;
    }
    const until = performance.now() + 10_000;
    let status = 0;
    while (status !== 200 && performance.now() < until)
      ({ status } = await far.call('GET', '/v1/audit?limit=1', { auth: key.token }));
    expect(await allLines(far, key.token)).toHaveLength(ROWS + 1);
  });
});

describe('AUDIT_DAYS', () => {
  it('two nodes purge at once: what is older goes, one chain stays, and it says where it begins', async () => {
    const own = await freshDatabase();
    const nodes = [await startApp({}, own), await startApp({}, own)];
    const [first] = nodes as [TestApp, TestApp];
    try {
      const row = { event: 'user.renamed', actor: 'command', credential: null, ...ABSENT } as const;
      const rest = { address: null, userAgent: null, requestId: null, details: {} };
      const old = 2300;
      const at = (i: number) => new Date(Date.now() - (i < old ? 401 : 399) * DAY + i);
      await first.dataSource.query('DELETE FROM lk_audit');
      const made = chained(Array.from({ length: old + 50 }, (_, i) => ({ ...row, ...rest, at: at(i) })));
      await insertRows(first.dataSource, made.rows);
      await setHead(first.dataSource, made.head);
      const [one, two] = nodes.map((node) => node.app.get(AuditService)) as [AuditService, AuditService];
      const before = await one.head();
      const change = () => first.users.create(OPERATOR, { email: newName(), fullName: 'Meanwhile' });
      const [purged] = await Promise.all([
        Promise.all([one.purge(400), two.purge(400)]),
        ...Array.from({ length: 10 }, change),
        one.verify().then(({ problem }) => expect(problem).toBeUndefined()),
      ]);
      expect(purged[0]! + purged[1]!).toBe(old);
      const rows = (await storedRows(first.dataSource)).map(asRecord);
      expect(rows[0]!.n).toBe(old + 1);
      const marks = rows.filter(({ event }) => event === 'audit.purged');
      expect(marks.at(-1)).toMatchObject({
        actor: 'command',
        ...ABSENT,
        details: { n: old, hash: String(made.rows[old - 1]!.hash) },
      });
      expect(marks.reduce((sum, { details }) => sum + Number(details.rows), 0)).toBe(old);
      const whole = { rows: rows.length, first: old + 1 };
      expect(await one.verify()).toEqual({ ...whole, head: await one.head() });
      expect(await two.verify(before)).toMatchObject(whole); // it goes on from a head of before
      expect((await one.verify({ n: old, hash: String(made.rows[old - 1]!.hash) })).problem).toBeUndefined();
      expect((await one.verify({ n: old - 1, hash: String(made.rows[old - 2]!.hash) })).problem).toEqual({
        n: old - 1,
        message: 'That row was purged.',
      });
      const { n } = await one.head();
      expect(await one.purge(400)).toBe(0);
      expect((await one.head()).n).toBe(n); // nothing to do leaves nothing
    } finally {
      for (const node of nodes) await node.close();
      await own.remove();
    }
  }, 60_000);

  it('everything may be old', async () => {
    const own = await freshDatabase();
    const node = await startApp({}, own);
    try {
      await node.key();
      const audit = node.app.get(AuditService);
      const since = await audit.head();
      await audit.purge(-1); // what is older than tomorrow
      const { problem, rows, first } = await audit.verify(since);
      expect([problem, rows]).toEqual([undefined, 1]);
      expect(first).toBe(since.n + 1);
      await node.key();
      expect((await audit.verify(since)).problem).toBeUndefined();
    } finally {
      await node.close();
      await own.remove();
    }
  });
});

it('a flood of refused log-ins and addresses, from many addresses, writes a bounded number of rows', async () => {
  const { user } = await latchkey.key();
  const secret = await latchkey.secret(user, { allowedNetworks: ['192.0.2.0/24'] });
  const refusals = latchkey.app.get(GatheredRefusals);
  await refusals.write();
  const { rows } = await left(async () => {
    const flood = client(latchkey.url);
    for (let i = 0; i < 1000; i += 50) {
      await Promise.all(
        Array.from({ length: 50 }, async (_, j) => {
          const headers = { 'x-forwarded-for': `198.18.${Math.floor((i + j) / 250)}.${(i + j) % 250}` };
          const refused = await flood('GET', '/v1/me', { auth: secret.token, headers });
          expect(refused.status).toBe(403);
        }),
      );
    }
    // Log-ins wait for Argon2: what they add is added here as they do.
    const nobody = { actor: 'Guest', subject: null, credential: null, apiKey: null };
    for (let i = 0; i < 1000; i++)
      refusals.add({
        ...nobody,
        event: 'session.refused',
        subject: `u${i}@example.com`,
        address: `203.0.113.${i % 256}`,
      });
    await refusals.write();
  });
  expect(rows).toHaveLength(102);
  const count = (event: AuditEvent) =>
    rows.filter((row) => row.event === event).reduce((sum, { details }) => sum + Number(details.count), 0);
  expect([count('secret.refused_address'), count('session.refused')]).toEqual([1000, 1000]);
  const others = rows.filter(({ subject, address }) => subject === null && address === null);
  expect(others.map(({ event, actor }) => [event, actor]).toSorted()).toEqual([
    ['secret.refused_address', 'Guest'],
    ['session.refused', 'Guest'],
  ]);
  expect((await latchkey.app.get(AuditService).verify()).problem).toBeUndefined();
});

it('a principal of a host without an origin is recorded without one', async () => {
  const { user } = await latchkey.key([SYSTEM_MANAGER]);
  const { secretId } = await latchkey.apiKeys.generate(OPERATOR, { user });
  const credential = {
    type: 'api-key' as const,
    apiKey: 'x',
    secretId,
    secretName: 'default',
    scopes: null,
    limits: null,
  };
  const actor: Principal = { name: user, fullName: 'H', roles: [SYSTEM_MANAGER], credential };
  const { rows } = await left(() => latchkey.users.create(actor, { email: newName(), fullName: 'H' }));
  expect(rows).toMatchObject([{ actor: user, credential: secretId, address: null, userAgent: null, requestId: null }]);
  expect(secretId).not.toBe(ZEROS);
});
