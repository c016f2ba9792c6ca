import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SessionCookies } from '../../src/auth/session-cookie.js';
import { OPERATOR } from '../../src/users/principal.js';
import { ENGINE, newName, startApp, type TestApp } from '../support/app.js';
import type { Answer } from '../support/http.js';

const PASSWORD = 'a password to test with';

let latchkey: TestApp;
beforeAll(async () => {
  latchkey = await startApp();
});
afterAll(() => latchkey.close());

async function newUser(roles: string[] = [], password = PASSWORD): Promise<string> {
  const { name } = await latchkey.accounts.create(OPERATOR, {
    email: newName(),
    fullName: 'Some Body',
    roles,
    password,
  });
  return name;
}

function logIn(user: string, password = PASSWORD, more: object = {}): Promise<Answer> {
  return latchkey.call('POST', '/v1/session', { json: { user, password, ...more } });
}

/** The Cookie header of a new session. */
async function cookieOf(user: string, password = PASSWORD): Promise<string> {
  const { headers } = await logIn(user, password);
  return headers['set-cookie']![0]!.split(';')[0]!;
}

/** The cookie by which a browser is known that has logged in before. */
function deviceIn({ headers }: Answer): string {
  return headers['set-cookie']!.find((cookie) => cookie.startsWith('device='))!.split(';')[0]!;
}

async function me(cookie: string): Promise<number> {
  return (await latchkey.call('GET', '/v1/me', { headers: { cookie } })).status;
}

/** A log-in from another address of this machine; all of 127.0.0.0/8 is. */
function logInFrom(localAddress: string, user: string, password: string, cookie?: string): Promise<number> {
  const body = JSON.stringify({ user, password });
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(cookie !== undefined && { cookie }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(
      `${latchkey.url}/v1/session`,
      { method: 'POST', localAddress, headers, agent: false },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode!));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('log-in', () => {
  it('answers with the principal, and a cookie that no script can read', async () => {
    const user = await newUser(['System Manager']);
    const { status, json, headers } = await logIn(` ${user.toUpperCase()} `);
    expect([status, json]).toEqual([
      201,
      { name: user, fullName: 'Some Body', roles: ['System Manager'], credential: { type: 'session', scopes: null } },
    ]);
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(/^sid=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/),
      expect.stringMatching(/^device=\d+\.[\w-]{22}\.[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/),
    ]);
    const cookie = headers['set-cookie']![0]!.split(';')[0]!;
    expect((await latchkey.call('GET', '/v1/users', { headers: { cookie } })).status).toBe(200);
  });

  it('sends its cookies over https alone where users see https', () => {
    const expiresAt = new Date();
    const opened = { principal: {} as never, secret: 'x', expiresAt, device: { value: 'x', expiresAt } };
    const cookies = new SessionCookies('https://keys.example.com').loggedIn(opened);
    expect(cookies).toEqual([expect.stringMatching(/^sid=.*; Secure/), expect.stringMatching(/^device=.*; Secure/)]);
  });

  it('says the same to an unknown user, a wrong password, a disabled user and one without a password', async () => {
    const disabled = await newUser();
    await latchkey.users.update(OPERATOR, disabled, { enabled: false });
    const without = (await latchkey.users.create(OPERATOR, { email: newName(), fullName: 'X' })).name;
    const answers = [await logIn(await newUser(), 'not that password')];
    for (const user of [newName(), 'Guest', disabled, without]) answers.push(await logIn(user));
    for (const { status, headers, json } of answers) {
      const { requestId: _, ...rest } = json;
      expect([status, rest, headers['www-authenticate'], headers['set-cookie']]).toEqual([
        401,
        { ...rest, code: 'unauthenticated', detail: 'The user or the password is not right.' },
        expect.stringContaining('token'),
        undefined,
      ]);
    }
  });

  it('always makes a new session, and ends the one that came with it', async () => {
    const user = await newUser();
    const cookie = await cookieOf(user);
    const headers = { cookie };
    const again = await latchkey.call('POST', '/v1/session', { json: { user, password: PASSWORD }, headers });
    const next = again.headers['set-cookie']![0]!.split(';')[0]!;
    expect(next).not.toBe(cookie);
    expect([await me(cookie), await me(next)]).toEqual([401, 200]);
  });

  it('keeps only a digest of the session and a slow hash of the password', async () => {
    const cookie = await cookieOf(await newUser());
    const rows = await latchkey.dataSource.query('SELECT * FROM lk_sessions');
    expect(JSON.stringify(rows)).not.toContain(cookie.slice(4));
    const [{ hash }] = await latchkey.dataSource.query('SELECT hash FROM lk_passwords');
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(JSON.stringify(latchkey.log)).not.toContain(PASSWORD);
    expect(JSON.stringify(latchkey.log)).not.toContain(cookie.slice(4));
  });

  it.each([{}, { user: 'x' }, { user: 1, password: [] }, { user: 'x', password: 'y', more: 1 }])(
    '422 to %j',
    async (json) => {
      expect((await latchkey.call('POST', '/v1/session', { json })).status).toBe(422);
    },
  );

  it('with a one-time password asks for another one, which lasts', async () => {
    const user = await newUser();
    const oneTimeUntil = new Date(Date.now() + 60_000);
    await latchkey.accounts.update(OPERATOR, user, { password: 'one time password', oneTimeUntil });
    const asked = await logIn(user, 'one time password');
    expect([asked.status, asked.json.errors[0]]).toMatchObject([
      422,
      { field: 'newPassword', code: 'new_password_required' },
    ]);
    for (const newPassword of ['short', 'one time password', 'x'.repeat(513)])
      expect((await logIn(user, 'one time password', { newPassword })).json.errors[0].field).toBe('newPassword');
    expect((await logIn(user, 'wrong one', { newPassword: PASSWORD })).status).toBe(401);
    expect((await logIn(user, 'one time password', { newPassword: PASSWORD })).status).toBe(201);
    expect((await logIn(user, 'one time password', { newPassword: PASSWORD })).status).toBe(401);
    expect((await logIn(user)).status).toBe(201);
    await latchkey.accounts.update(OPERATOR, user, { password: 'one time password', oneTimeUntil: new Date() });
    expect((await logIn(user, 'one time password', { newPassword: PASSWORD })).status).toBe(401);
  });
});

// Counted in memory: no engine has a part in it.
if (ENGINE === 'sqlite') {
  describe('guessing', () => {
    const NEVER = 'some wrong password';
    const guess = async (address: string, names: string[]): Promise<number[]> => {
      const statuses: number[] = [];
      for (const name of names) statuses.push(await logInFrom(address, name, NEVER));
      return statuses;
    };
    /** Uses up what is free for that user from there, and the turn after it. */
    const useUp = async (address: string, user: string) =>
      expect(await guess(address, Array(6).fill(user))).toEqual(Array(6).fill(401));

    it('is slowed down for that user and address, and not for the user elsewhere', async () => {
      const user = await newUser();
      await useUp('127.0.0.9', user);
      expect(await guess('127.0.0.9', [user, user])).toEqual([429, 429]);
      expect(await logInFrom('127.0.0.9', user, PASSWORD)).toBe(429);
      expect(await logInFrom('127.0.0.8', user, PASSWORD)).toBe(201);
    });

    it('all at once finds no more room', async () => {
      const user = await newUser();
      const burst = await Promise.all(Array.from({ length: 200 }, () => logInFrom('127.0.0.6', user, NEVER)));
      expect(burst.filter((status) => status === 401).length).toBeLessThanOrEqual(6);
      expect(new Set(burst)).toEqual(new Set([401, 429]));
      expect(await logInFrom('127.0.0.5', user, PASSWORD)).toBe(201);
    });

    it('of many users from one address is slowed down; there right passwords get in, and the others wait', async () => {
      expect(await guess('127.0.0.7', Array.from({ length: 16 }, newName))).toEqual(Array(16).fill(401));
      const [one, two, device] = [await newUser(), await newUser(), await newUser()];
      const known = deviceIn(await logIn(device));
      const began = performance.now();
      const other = newName();
      const crowd = Promise.all(Array.from({ length: 30 }, () => logInFrom('127.0.0.7', other, NEVER)));
      const right = [logInFrom('127.0.0.7', one, PASSWORD), logInFrom('127.0.0.7', two, PASSWORD)];
      expect(await logInFrom('127.0.0.7', device, PASSWORD, known)).toBe(201);
      expect(performance.now() - began).toBeLessThan(2000);
      expect(await Promise.all(right)).toEqual([201, 201]);
      expect(performance.now() - began).toBeLessThan(20_000);
      const judged = (await crowd).filter((status) => status === 401).length;
      expect(judged).toBeGreaterThanOrEqual(1);
      expect(judged).toBeLessThanOrEqual(3);
    });

    it('keeps out no browser that the user was in before; its cookie is another one each time', async () => {
      const user = await newUser();
      const first = deviceIn(await logIn(user));
      const other = deviceIn(await logIn(await newUser()));
      await useUp('127.0.1.1', user);
      const value = first.slice('device='.length);
      const [issued, nonce, signature] = value.split('.') as [string, string, string];
      const bad = [
        other,
        `device=${Number(issued) + 1}.${nonce}.${signature}`,
        `device=${issued}.${nonce.split('').toReversed().join('')}.${signature}`,
        `device=${issued}.${nonce}.${'A'.repeat(43)}`,
        'device=x',
        `${first}; ${first}`,
      ];
      for (const cookie of bad)
        expect([cookie, await logInFrom('127.0.1.1', user, PASSWORD, cookie)]).toEqual([cookie, 429]);
      expect(await logInFrom('127.0.1.1', user, PASSWORD, first)).toBe(201);
      const again = await latchkey.call('POST', '/v1/session', {
        json: { user, password: PASSWORD },
        headers: { cookie: first },
      });
      const second = deviceIn(again);
      expect(second).not.toBe(first);
      const frappe = await latchkey.call('POST', '/api/method/login', {
        json: { usr: user, pwd: PASSWORD },
        headers: { cookie: second },
      });
      expect(await logInFrom('127.0.1.1', user, PASSWORD, deviceIn(frappe))).toBe(201);
      expect(JSON.stringify(latchkey.log)).not.toContain(signature);
      await latchkey.accounts.update(OPERATOR, user, { password: 'another password' });
      for (const cookie of [first, second])
        expect(await logInFrom('127.0.1.1', user, 'another password', cookie)).toBe(429);
    });

    it('in such a browser is counted for it alone', async () => {
      const user = await newUser();
      const [one, two] = [deviceIn(await logIn(user)), deviceIn(await logIn(user))];
      const statuses: number[] = [];
      for (let i = 0; i < 11; i++) statuses.push(await logInFrom('127.0.1.2', user, NEVER, one));
      expect(statuses).toEqual([...Array(10).fill(401), 429]);
      expect(await logInFrom('127.0.1.3', user, PASSWORD, one)).toBe(429);
      expect(await logInFrom('127.0.1.2', user, PASSWORD, two)).toBe(201);
      expect(await logInFrom('127.0.1.2', user, PASSWORD)).toBe(201);
    });

    it('with a cookie of an unknown user is answered as without', async () => {
      const device = deviceIn(await logIn(await newUser()));
      const name = newName();
      expect(await logInFrom('127.0.1.4', name, NEVER, device)).toBe(401);
      expect(await guess('127.0.1.4', Array(5).fill(name))).toEqual(Array(5).fill(401));
      expect(await logInFrom('127.0.1.4', name, NEVER, device)).toBe(429);
    });

    it('of the current password with a stolen session is stopped as well', async () => {
      const user = await newUser();
      const cookie = await cookieOf(user);
      const change = (currentPassword: string) =>
        latchkey.call('PATCH', `/v1/users/${user}`, {
          headers: { cookie },
          json: { password: 'another password', currentPassword },
        });
      for (let i = 0; i < 10; i++) expect((await change(`wrong ${i}`)).json.errors[0].code).toBe('wrong_password');
      const { status, headers } = await change(PASSWORD);
      expect([status, Number(headers['retry-after']) > 1]).toEqual([429, true]);
    });
  });
}

describe('a session ends', () => {
  it('by log-out, which can be repeated and takes no token', async () => {
    const cookie = await cookieOf(await newUser());
    const other = await latchkey.call('DELETE', '/v1/session', { headers: { cookie } });
    expect([other.status, other.headers['set-cookie']![0]]).toEqual([204, expect.stringContaining('sid=; ')]);
    expect(await me(cookie)).toBe(401);
    expect((await latchkey.call('DELETE', '/v1/session', { headers: { cookie } })).status).toBe(204);
    expect((await latchkey.call('DELETE', '/v1/session')).status).toBe(204);
    const { token } = await latchkey.key();
    const answer = await latchkey.call('DELETE', '/v1/session', { auth: token });
    expect([answer.json.code, answer.headers['set-cookie']]).toEqual(['session_required', undefined]);
  });

  it("by the user's change of password, but for the one it is changed with; keys live on", async () => {
    const user = await newUser();
    const key = await latchkey.keyOf(user);
    const [mine, other] = [await cookieOf(user), await cookieOf(user)];
    const json = { password: 'another password', currentPassword: PASSWORD };
    const { status } = await latchkey.call('PATCH', `/v1/users/${user}`, { headers: { cookie: mine }, json });
    expect([status, await me(mine), await me(other)]).toEqual([200, 200, 401]);
    expect((await latchkey.call('GET', '/v1/me', { auth: key.token })).status).toBe(200);
    expect([(await logIn(user)).status, (await logIn(user, 'another password')).status]).toEqual([401, 201]);
  });

  it("by a System Manager's, by disabling, and stays ended when enabled again", async () => {
    const manager = await latchkey.key(['System Manager']);
    const user = await newUser();
    const patch = (json: object) => latchkey.call('PATCH', `/v1/users/${user}`, { auth: manager.token, json });
    const first = await cookieOf(user);
    expect((await patch({ password: 'another password' })).status).toBe(200);
    const second = await cookieOf(user, 'another password');
    expect([await me(first), await me(second)]).toEqual([401, 200]);
    await patch({ enabled: false });
    expect(await me(second)).toBe(401);
    await patch({ enabled: true });
    expect(await me(second)).toBe(401);
  });

  it('by deletion, and by the end of all', async () => {
    const user = await newUser();
    const [one, two] = [await cookieOf(user), await cookieOf(user)];
    const list = await latchkey.call('GET', `/v1/users/${user}/sessions`, { headers: { cookie: one } });
    expect(list.json.data.map(({ current }: { current: boolean }) => current).toSorted()).toEqual([false, true]);
    const all = await latchkey.call('DELETE', `/v1/users/${user}/sessions`, { headers: { cookie: one } });
    expect([all.status, await me(one), await me(two)]).toEqual([204, 401, 401]);
    const three = await cookieOf(user);
    await latchkey.users.delete(OPERATOR, user);
    expect(await me(three)).toBe(401);
    expect((await logIn(user)).status).toBe(401);
  });

  it('one by one, and all but the one at hand', async () => {
    const user = await newUser();
    const agent = `Mozilla/5.0 ${'x'.repeat(200)}`;
    const cookies: string[] = [];
    for (const headers of [{ 'user-agent': agent, 'sec-fetch-site': 'same-origin' }, {}, {}] as Record<
      string,
      string
    >[]) {
      const json = { user, password: PASSWORD };
      const opened = await latchkey.call('POST', '/v1/session', { json, headers });
      cookies.push(opened.headers['set-cookie']![0]!.split(';')[0]!);
    }
    const [one, two, three] = cookies as [string, string, string];
    const path = `/v1/users/${user}/sessions`;
    const list = async (cookie: string) =>
      (await latchkey.call('GET', path, { headers: { cookie } })).json.data as Record<string, unknown>[];
    const first = (await list(one)).find(({ current }) => current)!;
    expect(first).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      address: '127.0.0.1',
      userAgent: agent.slice(0, 120),
      createdAt: expect.any(String),
      lastSeenAt: expect.any(String),
      expiresAt: expect.any(String),
      current: true,
    });
    expect(JSON.stringify(await list(two))).not.toContain(one.slice('sid='.length));
    const end = (at: string, options: object) => latchkey.call('DELETE', at, options);
    expect((await end(`${path}/${String(first.id)}`, { headers: { cookie: two } })).status).toBe(204);
    expect([await me(one), await me(two), await me(three)]).toEqual([401, 200, 200]);
    expect((await end(`${path}/${String(first.id)}`, { headers: { cookie: two } })).status).toBe(404);
    expect((await end(`${path}?except=current`, { headers: { cookie: two } })).status).toBe(204);
    expect([await me(two), await me(three), (await list(two)).length]).toEqual([200, 401, 1]);
    expect((await end(`${path}?except=other`, { headers: { cookie: two } })).status).toBe(422);
    const manager = await latchkey.key(['System Manager']);
    expect((await end(`${path}?except=current`, { auth: manager.token })).status).toBe(204);
    expect(await me(two)).toBe(401);
  });

  it("by a System Manager, and by nobody else's hand; Administrator's by Administrator alone", async () => {
    const [user, other] = [await newUser(), await newUser()];
    const cookie = await cookieOf(user);
    const manager = await latchkey.key(['System Manager']);
    const ordinary = { headers: { cookie: await cookieOf(other) } };
    const path = `/v1/users/${user}/sessions`;
    const [{ id }] = (await latchkey.call('GET', path, { auth: manager.token })).json.data;
    const statuses = async (to: string, options: object) => [
      (await latchkey.call('GET', to, options)).status,
      (await latchkey.call('DELETE', `${to}/${id}`, options)).status,
    ];
    expect(await statuses(path, ordinary)).toEqual([404, 404]);
    expect(await statuses(path, {})).toEqual([401, 401]);
    // Of somebody else, it is no session.
    expect(await statuses(`/v1/users/${other}/sessions`, { auth: manager.token })).toEqual([200, 404]);
    expect(await statuses('/v1/users/Administrator/sessions', { auth: manager.token })).toEqual([404, 404]);
    expect(await me(cookie)).toBe(200);
    expect(await statuses(path, { auth: manager.token })).toEqual([200, 204]);
    expect(await me(cookie)).toBe(401);
  });

  it('after a day without use, and after a week in any case', async () => {
    const cookie = await cookieOf(await newUser());
    const set = (column: string, ago: number) =>
      latchkey.dataSource.query(`UPDATE lk_sessions SET ${column} = ?`, [Date.now() - ago]);
    const seen = async () => {
      const [{ newest }] = await latchkey.dataSource.query('SELECT MAX(last_seen_at) AS newest FROM lk_sessions');
      return Number(newest);
    };
    await set('last_seen_at', 23 * 3_600_000);
    expect(await me(cookie)).toBe(200);
    while (Date.now() - (await seen()) > 60_000) await delay(10); // it is written beside the answer
    await set('last_seen_at', 24 * 3_600_000);
    expect(await me(cookie)).toBe(401);
    await set('last_seen_at', 0);
    expect(await me(cookie)).toBe(200);
    await set('expires_at', 0);
    const { status, json } = await latchkey.call('GET', '/v1/me', { headers: { cookie } });
    expect([status, json.detail]).toEqual([401, 'The session of this cookie has ended. Log in again.']);
  });
});

describe('a request is proved by one thing', () => {
  it('by its header where there is one, whatever cookie comes with it', async () => {
    const cookie = await cookieOf(await newUser());
    const key = await latchkey.key();
    const headers = { cookie };
    expect((await latchkey.call('GET', '/v1/me', { headers, auth: key.token })).json.name).toBe(key.user);
    for (const auth of [`token ${key.apiKey}:wrong`, 'Bearer x', ''])
      expect((await latchkey.call('GET', '/v1/me', { headers, auth })).status).toBe(401);
  });

  it('by one cookie: two have no meaning', async () => {
    const cookie = await cookieOf(await newUser());
    expect([
      await me(`${cookie}; sid=x`),
      await me(`a=b; ${cookie}; c`),
      await me('sid=x'),
      await me(`x${cookie}`),
    ]).toEqual([401, 200, 401, 401]);
  });

  it('and never by a session in the query or the body', async () => {
    const cookie = await cookieOf(await newUser());
    for (const path of [
      `/api/method/frappe.auth.get_logged_user?${cookie}`,
      `/?cmd=frappe.auth.get_logged_user&${cookie}`,
    ])
      expect((await latchkey.call('GET', path)).status).toBe(403);
  });
});

it.each([
  ['POST', '/v1/session'],
  ['DELETE', '/v1/session'],
  ['POST', '/api/method/login'],
  ['GET', '/api/method/logout'],
  ['GET', '/?cmd=logout'],
  ['POST', '/v1/roles'],
  ['POST', '/api/method/frappe.core.doctype.user.user.generate_keys'],
])('a page of another site can not %s %s', async (method, path) => {
  const cookie = await cookieOf(await newUser(['System Manager']));
  for (const headers of [
    { cookie, 'sec-fetch-site': 'cross-site' },
    { cookie, 'sec-fetch-site': 'same-site' },
    { cookie, origin: 'http://localhost:1' },
    { cookie, origin: 'null' },
  ] as Record<string, string>[]) {
    const { status, headers: got } = await latchkey.call(method, path, { headers });
    expect([status, got['set-cookie']]).toEqual([403, undefined]);
  }
  expect(await me(cookie)).toBe(200);
});

it('generate_keys by GET takes no session: a link could do it', async () => {
  const cookie = await cookieOf(await newUser(['System Manager']));
  const path = `/api/method/frappe.core.doctype.user.user.generate_keys?user=${await newUser()}`;
  expect((await latchkey.call('GET', path, { headers: { cookie } })).status).toBe(403);
  expect((await latchkey.call('POST', path, { headers: { cookie } })).status).toBe(200);
});

describe('passwords of others', () => {
  it('are set by a System Manager, and of Administrator by itself', async () => {
    const manager = await latchkey.key(['System Manager']);
    const ordinary = await latchkey.key();
    const patch = (auth: string, name: string) =>
      latchkey.call('PATCH', `/v1/users/${name}`, { auth, json: { password: PASSWORD } });
    expect((await patch(manager.token, await newUser())).status).toBe(200);
    expect((await patch(ordinary.token, await newUser())).status).toBe(404);
    expect((await patch(manager.token, 'Administrator')).status).toBe(404);
    expect((await patch(manager.token, 'Guest')).status).toBe(404);
    expect((await patch(manager.token, manager.user)).json.code).toBe('session_required');
  });
});

describe("Frappe's log-in", () => {
  it('answers and sets cookies as Frappe does, and log-out takes them away', async () => {
    const user = await newUser();
    for (const [path, options] of [
      ['/api/method/login', { json: { usr: user, pwd: PASSWORD } }],
      ['/api/method/login', { form: { usr: user, pwd: PASSWORD } }],
      ['/', { form: { cmd: 'login', usr: user, pwd: PASSWORD } }],
      ['/', { json: { cmd: 'login', usr: user, pwd: PASSWORD } }],
    ] as const) {
      const { status, json, headers } = await latchkey.call('POST', path, options);
      expect([status, json]).toEqual([200, { message: 'Logged In', home_page: '/app', full_name: 'Some Body' }]);
      const cookies = headers['set-cookie']!.map((line) => line.split(';')[0]!);
      expect(cookies).toEqual([
        expect.stringMatching(/^sid=/),
        expect.stringMatching(/^device=/),
        'system_user=yes',
        'full_name=Some%20Body',
        `user_id=${encodeURIComponent(user)}`,
        'user_image=',
      ]);
      const cookie = cookies.join('; ');
      const who = await latchkey.call('GET', '/api/method/frappe.auth.get_logged_user', { headers: { cookie } });
      expect(who.json).toEqual({ message: user });
      const out = await latchkey.call('GET', '/?cmd=logout', { headers: { cookie } });
      expect([out.status, out.json]).toEqual([200, { message: 'No App', home_page: '/login', full_name: 'Guest' }]);
      const after = await latchkey.call('GET', '/api/method/frappe.auth.get_logged_user', { headers: { cookie } });
      expect([after.status, after.json]).toMatchObject([403, { exc_type: 'PermissionError', session_expired: 1 }]);
    }
    expect((await latchkey.call('POST', '/api/v2/method/login', { json: { usr: user, pwd: PASSWORD } })).json).toEqual(
      {},
    );
  });

  it('refuses as Frappe does, and reads no password from a query string', async () => {
    const user = await newUser();
    const tries: [object | undefined, string, string][] = [
      [{ usr: user, pwd: 'wrong password' }, '', 'Invalid login credentials'],
      [{ usr: newName(), pwd: PASSWORD }, '', 'Invalid login credentials'],
      [{ usr: user }, '', 'Incomplete login details'],
      [undefined, `?usr=${user}&pwd=${encodeURIComponent(PASSWORD)}`, 'Incomplete login details'],
    ];
    for (const [json, query, message] of tries) {
      const answer = await latchkey.call('POST', `/api/method/login${query}`, { json });
      expect([answer.status, answer.json]).toMatchObject([
        401,
        { message, exc_type: 'AuthenticationError', exc: expect.any(String) },
      ]);
      expect(answer.headers['www-authenticate']).toBeDefined();
    }
    const { token } = await latchkey.key();
    expect(
      (await latchkey.call('POST', '/api/method/login', { auth: token, json: { usr: user, pwd: PASSWORD } })).status,
    ).toBe(403);
    const out = await latchkey.call('POST', '/api/method/logout', { auth: token, json: {} });
    expect([out.status, out.headers['set-cookie']]).toEqual([200, undefined]);
  });
});
