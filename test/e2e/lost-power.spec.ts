import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source.js';
import { Passwords } from '../../src/sessions/passwords.js';
import { OPERATOR } from '../../src/users/principal.js';
import { newName, startApp, type TestApp, type TestKey } from '../support/app.js';
import type { Answer, Options } from '../support/http.js';

/** Changes that wait in line when the power for them is taken away. */
const LAST_WORDS = 60;
const PASSWORD = 'a password to test with';

let latchkey: TestApp;
let boss: TestKey;

beforeAll(async () => {
  latchkey = await startApp();
  boss = await latchkey.key(['System Manager']);
});
afterAll(() => latchkey.close());

/** A new user with that password, and what its session sends. */
async function loggedIn(roles: string[] = [], password = PASSWORD): Promise<{ user: string; cookie: string }> {
  const user = newName();
  await latchkey.accounts.create(OPERATOR, { email: user, fullName: 'Some Body', roles, password });
  return { user, cookie: await logIn(user, password) };
}

async function logIn(user: string, password: string): Promise<string> {
  const { headers } = await latchkey.call('POST', '/v1/session', { json: { user, password } });
  return String(headers['set-cookie']).split(';')[0]!;
}

/** Lets no change commit until what it returns is called, by being in the middle of one itself. */
async function holdChanges(): Promise<() => Promise<void>> {
  const other = await new DataSource(dataSourceOptions({ url: latchkey.database.url }, [])).initialize();
  const runner = other.createQueryRunner();
  const isSqlite = other.options.type === 'better-sqlite3';
  await runner.query(isSqlite ? 'BEGIN IMMEDIATE' : 'LOCK TABLES lk_revision READ, lk_sessions READ');
  return async () => {
    await runner.query(isSqlite ? 'ROLLBACK' : 'UNLOCK TABLES');
    await other.destroy();
  };
}

/** Resolves once so many hashes of passwords were made or compared, from now on. After its last, a call waits for its change. */
function haveHashed(count: number): Promise<void> {
  const passwords = latchkey.app.get(Passwords);
  return new Promise((resolve) => {
    let left = count;
    const counted =
      <Args extends unknown[], Result>(original: (...args: Args) => Promise<Result>) =>
      async (...args: Args) => {
        const result = await original.apply(passwords, args);
        if (--left === 0) resolve();
        return result;
      };
    passwords.hash = counted(Passwords.prototype.hash);
    passwords.matches = counted(Passwords.prototype.matches) as Passwords['matches'];
  });
}

/** Waits until the server has so many connections open: each call has its own. */
async function haveArrived(calls: number): Promise<void> {
  const { server } = latchkey.app.getHttpAdapter().getInstance();
  const connections = () =>
    new Promise<number>((resolve) => server.getConnections((_: Error | null, count: number) => resolve(count)));
  while ((await connections()) < calls) await delay(5);
}

/**
 * Sends changes by a caller, then the call that takes the caller's power, while no change can commit; lets them go on, and
 * counts the users at the answer of that call and when all is over.
 */
async function lastWords(caller: Options, taking: () => Promise<Answer>) {
  expect((await latchkey.call('GET', '/v1/me', caller)).status).toBe(200);
  const release = await holdChanges();
  const words = Array.from({ length: LAST_WORDS }, () =>
    latchkey.call('POST', '/v1/users', {
      ...caller,
      json: { email: newName(), fullName: 'A Word', roles: ['System Manager'] },
    }),
  );
  await haveArrived(LAST_WORDS);
  const taken = taking();
  await haveArrived(LAST_WORDS + 1);
  await release();
  const { status } = await taken;
  const atTheAnswer = await countUsers();
  const statuses = (await Promise.all(words)).map((word) => word.status);
  return { status, statuses, atTheAnswer, after: await countUsers() };
}

async function countUsers(): Promise<number> {
  const [row] = await latchkey.dataSource.query('SELECT COUNT(*) AS count FROM lk_users');
  return Number(row.count);
}

describe('no change commits after the answer that took the power for it', () => {
  const byToken = async () => {
    const manager = await latchkey.key(['System Manager']);
    return { user: manager.user, apiKey: manager.apiKey, caller: { auth: manager.token } };
  };
  const bySession = async () => {
    const { user, cookie } = await loggedIn(['System Manager']);
    return { user, apiKey: '', caller: { headers: { cookie } } };
  };
  type Manager = Awaited<ReturnType<typeof byToken | typeof bySession>>;

  it.each<[string, () => Promise<Manager>, (manager: Manager) => [string, string, unknown?], number]>([
    ['the role is taken', byToken, ({ user }) => ['PATCH', `/v1/users/${user}`, { roles: [] }], 403],
    ['the secret is revoked', byToken, ({ apiKey }) => ['DELETE', `/v1/api-keys/${apiKey}/secrets`], 401],
    ['the secret is replaced', byToken, ({ apiKey }) => ['POST', `/v1/api-keys/${apiKey}/secrets`], 401],
    ['the user is disabled', byToken, ({ user }) => ['PATCH', `/v1/users/${user}`, { enabled: false }], 401],
    ['the user is deleted', byToken, ({ user }) => ['DELETE', `/v1/users/${user}`], 401],
    ['the sessions are ended', bySession, ({ user }) => ['DELETE', `/v1/users/${user}/sessions`], 401],
    [
      'the password is changed',
      bySession,
      ({ user }) => ['PATCH', `/v1/users/${user}`, { password: 'another one, as good' }],
      401,
    ],
    ['the role is taken from a session', bySession, ({ user }) => ['PATCH', `/v1/users/${user}`, { roles: [] }], 403],
  ])('when %s', async (_, make, taking, refusal) => {
    const manager = await make();
    const [method, path, json] = taking(manager);
    const seen = await lastWords(manager.caller, () => latchkey.call(method, path, { auth: boss.token, json }));
    expect([200, 201, 204]).toContain(seen.status);
    expect(seen.after).toBe(seen.atTheAnswer);
    expect(seen.statuses).toContain(refusal); // or there was nothing in line
    expect(seen.statuses.filter((one) => ![201, refusal].includes(one))).toEqual([]);
  });

  it('when a session logs out', async () => {
    const { cookie } = await loggedIn(['System Manager']);
    const caller = { headers: { cookie } };
    const seen = await lastWords(caller, () => latchkey.call('DELETE', '/v1/session', caller));
    expect(seen.status).toBe(204);
    expect(seen.after).toBe(seen.atTheAnswer);
    expect(seen.statuses).toContain(401);
  });
});

it('a reset password stays, though a change by somebody with the old one was checked before', async () => {
  const { user, cookie } = await loggedIn();
  const reset = 'the one of the manager';
  const release = await holdChanges();
  const managerHasHashed = haveHashed(1);
  const byManager = latchkey.call('PATCH', `/v1/users/${user}`, { auth: boss.token, json: { password: reset } });
  await managerHasHashed;
  const thiefHasHashed = haveHashed(2); // the current password, and the new one
  const json = { currentPassword: PASSWORD, password: PASSWORD };
  const byThief = latchkey.call('PATCH', `/v1/users/${user}`, { headers: { cookie }, json });
  await thiefHasHashed;
  await release();
  expect((await byManager).status).toBe(200);
  // Whoever had the lock first: where the thief did, the manager has replaced that password too.
  expect([200, 401]).toContain((await byThief).status);
  const logInWith = async (password: string) =>
    (await latchkey.call('POST', '/v1/session', { json: { user, password } })).status;
  expect([await logInWith(PASSWORD), await logInWith(reset)]).toEqual([401, 201]);
  expect((await latchkey.call('GET', '/v1/me', { headers: { cookie } })).status).toBe(401);
});

it('of two changes of one password with the same current one, the second is refused', async () => {
  const { user, cookie } = await loggedIn();
  const release = await holdChanges();
  const change = (password: string) =>
    latchkey.call('PATCH', `/v1/users/${user}`, {
      headers: { cookie },
      json: { currentPassword: PASSWORD, password },
    });
  const bothHaveHashed = haveHashed(4);
  const both = [change('the first of two changes'), change('the second of two changes')];
  await bothHaveHashed;
  await release();
  const statuses = (await Promise.all(both)).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([200, 422]);
});

it('a log-out by who has no session waits for no change', async () => {
  const release = await holdChanges();
  try {
    const cookie = `sid=${'A'.repeat(43)}`;
    expect((await latchkey.call('DELETE', '/v1/session', { headers: { cookie } })).status).toBe(204);
    const logOut = { headers: { cookie }, json: {} };
    expect((await latchkey.call('POST', '/api/method/logout', logOut)).status).toBe(200);
  } finally {
    await release();
  }
});
