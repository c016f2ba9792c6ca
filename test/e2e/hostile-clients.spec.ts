import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { ENGINE, freshDatabase, startApp, type TestApp, type TestDatabase, type TestKey } from '../support/app.js';
import { basic, client } from '../support/http.js';
import { type Running, startProcess } from '../support/process.js';

let latchkey: TestApp;
let key: TestKey;
beforeAll(async () => {
  latchkey = await startApp();
  key = await latchkey.key(['System Manager']);
});
afterAll(() => latchkey.close());

describe('a request of a thousand headers and more', () => {
  /** Node keeps a thousand unless told otherwise. */
  const raw = async (lines: string[]) => {
    const { hostname, port } = new URL(latchkey.url);
    const socket = connect(Number(port), hostname);
    socket.write(`${lines.join('\r\n')}\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const [chunk] = await once(socket, 'data');
    socket.destroy();
    return String(chunk).split(' ')[1];
  };
  const many = Array.from({ length: 1997 }, () => 'a:b');
  const pair = () => `token ${key.apiKey}:${key.apiSecret}`;

  it('is judged by all of them', async () => {
    expect(await raw(['GET /api/method/ping HTTP/1.1', ...many, 'Authorization: token bad:bad'])).toBe('401');
    expect(await raw(['GET /v1/me HTTP/1.1', ...many, `Authorization: ${pair()}`])).toBe('200');
    expect(await raw(['GET /v1/me HTTP/1.1', `Authorization: ${pair()}`, ...many, 'Authorization: token a:b'])).toBe(
      '401',
    );
    const forged = [`Authorization: ${basic(key.apiKey, key.apiSecret)}`, ...many, 'Sec-Fetch-Site: cross-site'];
    expect(await raw([`DELETE /v1/api-keys/${key.apiKey}/secrets HTTP/1.1`, ...forged])).toBe('403');
  });
});

describe('a body that cannot be read', () => {
  const broken = { body: '{"user', headers: { 'content-type': 'application/json' } };
  const text = { body: 'x', headers: { 'content-type': 'text/plain' } };

  it('is nothing to who has not proved to be anybody', async () => {
    for (const body of [broken, text]) {
      for (const auth of ['token a:b', basic('a', 'b')]) {
        expect((await latchkey.call('POST', '/v1/users', { ...body, auth })).status).toBe(401);
        expect((await latchkey.call('POST', '/api/method/ping', { ...body, auth })).status).toBe(401);
      }
      expect((await latchkey.call('POST', '/v1/users', body)).status).toBe(401);
      expect((await latchkey.call('POST', '/api/method/frappe.auth.get_logged_user', body)).status).toBe(403);
      expect((await latchkey.call('POST', '/api/method/ping', { ...body, auth: 'Basic !!!' })).status).toBe(400);
    }
  });

  it('is told to who has', async () => {
    expect((await latchkey.call('POST', '/v1/users', { ...broken, auth: key.token })).status).toBe(400);
    expect((await latchkey.call('POST', '/v1/users', { ...text, auth: key.token })).status).toBe(415);
    expect((await latchkey.call('POST', '/api/method/ping', { ...broken, auth: key.token })).status).toBe(417);
    expect((await latchkey.call('POST', '/api/method/ping', { ...text, auth: key.token })).status).toBe(200);
  });
});

describe('limits of time', () => {
  it('are set', () => {
    const { requestTimeout, headersTimeout, keepAliveTimeout, timeout } = latchkey.app.getHttpServer();
    expect({ requestTimeout, headersTimeout, keepAliveTimeout, timeout }).toEqual({
      requestTimeout: 30_000,
      headersTimeout: 15_000,
      keepAliveTimeout: 65_000,
      timeout: 30_000,
    });
  });
});

describe('a body made to be slow', () => {
  it('of very many form fields is refused, at once', async () => {
    const body = Array.from({ length: 2000 }, (_, i) => i.toString(36))
      .join('&')
      .slice(0, 4000);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answers = await Promise.all([
      latchkey.call('POST', '/api/method/ping', { body, headers }),
      latchkey.call('GET', '/health/live'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([417, 200]);
  }, 5000);

  it('is answered with less than it has', async () => {
    const json = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`f${i}`, 1]));
    const { status, text } = await latchkey.call('PATCH', `/v1/users/${key.user}`, { auth: key.token, json });
    expect(status).toBe(422);
    expect(text.length).toBeLessThan(2000);
    const long = { user: 'x'.repeat(4000) };
    const echo = await latchkey.call('POST', '/api/method/frappe.core.doctype.user.user', {
      auth: key.token,
      json: long,
    });
    expect([echo.status, echo.text.length < 3000]).toEqual([404, true]);
  });
});

describe('a field that no route knows', () => {
  it.each(['/v1/users', '/v1/roles', '/v1/api-keys', '/v1/api-keys/KEY/secrets'])(
    'is refused by POST %s',
    async (path) => {
      const json = { isAdmin: true, ['n'.repeat(3500)]: 1 };
      const answer = await latchkey.call('POST', path.replace('KEY', key.apiKey), { auth: key.token, json });
      expect([answer.status, answer.json.code]).toEqual([422, 'validation_failed']);
      expect(answer.json.errors).toContainEqual(expect.objectContaining({ field: 'isAdmin', code: 'unknown_field' }));
      expect(answer.text.length).toBeLessThan(2000);
    },
  );
});

describe('a path in another spelling', () => {
  it('is the same call, and no other', async () => {
    const smuggled = await latchkey.call('GET', '/api/%6dethod/nope?/method/frappe.auth.get_logged_user', {
      auth: key.token,
    });
    expect([smuggled.status, smuggled.json.exc_type]).toEqual([417, 'ValidationError']);
    const encoded = await latchkey.call('GET', '/%61pi/method/frappe.auth.get_logged_user', { auth: 'token a:b' });
    expect([encoded.status, encoded.json.exc_type]).toEqual([401, 'AuthenticationError']);
  });
});

describe('an imported secret', () => {
  it.each([':begins with a colon'.replaceAll(' ', '_'), 'größe', '秘密'])(
    '%s is the same in both schemes',
    async (secret) => {
      const { storedForm } = await import('../../src/api-keys/api-secret.js');
      const { apiKey } = await latchkey.key();
      await latchkey.dataSource.query('UPDATE lk_api_secrets SET digest = ? WHERE api_key = ?', [
        storedForm(secret).digest,
        apiKey,
      ]);
      const bytes = Buffer.from(`token ${apiKey}:${secret}`).toString('latin1');
      for (const auth of [bytes, basic(apiKey, secret)])
        expect((await latchkey.call('GET', '/v1/me', { auth })).status).toBe(200);
      for (const auth of [`${bytes}x`, basic(apiKey, `${secret}x`)]) {
        const { status, json } = await latchkey.call('GET', '/v1/me', { auth });
        expect([status, json.detail]).toEqual([401, 'The API key or the API secret is not valid.']);
      }
    },
  );
});

describe('a client that connects and says nothing', () => {
  let database: TestDatabase;
  let running: Running;
  const sockets: Socket[] = [];
  beforeAll(async () => {
    database = await freshDatabase();
    running = await startProcess({ DATABASE_URL: database.url, DRAIN_DELAY_MS: '0' });
  });
  afterEach(async () => {
    sockets.forEach((socket) => socket.destroy());
    await running.end('SIGKILL');
  });
  afterAll(() => database.remove());

  it('does not keep the process from ending', async () => {
    const { hostname, port } = new URL(running.url);
    for (let i = 0; i < 3; i++) {
      const socket = connect(Number(port), hostname);
      await once(socket, 'connect');
      socket.on('error', () => undefined);
      sockets.push(socket);
    }
    expect((await client(running.url)('GET', '/health/live')).status).toBe(200);
    expect(await running.end('SIGTERM')).toEqual({ code: null, signal: 'SIGTERM' });
  }, 6000);
});

if (ENGINE !== 'sqlite') {
  describe('a server with other defaults', () => {
    it('is set right, connection by connection', async () => {
      const rows = await latchkey.dataSource.query(
        "SELECT @@autocommit AS autocommit, @@sql_mode LIKE '%NO_BACKSLASH_ESCAPES%' AS noEscapes",
      );
      expect(rows.map((row: object) => ({ ...row }))).toEqual([{ autocommit: 1, noEscapes: 0 }]);
    });

    it('revokes, and quotes, all the same', async () => {
      const root = async (sql: string) => {
        const { DataSource } = await import('typeorm');
        const { hostname: host, port, username, password } = new URL(process.env.TEST_SERVER_URL!);
        const options = { type: 'mysql' as const, host, port: Number(port), username, password, database: 'mysql' };
        const dataSource = await new DataSource(options).initialize();
        const result = await dataSource.query(sql);
        await dataSource.destroy();
        return result;
      };
      const [{ mode }] = await root('SELECT @@GLOBAL.sql_mode AS mode');
      await root(`SET GLOBAL autocommit = 0, sql_mode = CONCAT(@@GLOBAL.sql_mode, ',NO_BACKSLASH_ESCAPES')`);
      try {
        const other = await startApp();
        const { apiKey, token } = await other.key();
        const calls = () => Promise.all(Array.from({ length: 20 }, () => other.call('GET', '/v1/me', { auth: token })));
        expect(new Set((await calls()).map(({ status }) => status))).toEqual(new Set([200]));
        const payload = encodeURIComponent("\\' OR 1=1 -- ");
        expect((await other.call('GET', `/v1/api-keys/${payload}`, { auth: token })).status).toBe(404);
        await other.call('DELETE', `/v1/api-keys/${apiKey}/secrets`, { auth: token });
        expect(new Set((await calls()).map(({ status }) => status))).toEqual(new Set([401]));
        await other.close();
      } finally {
        await root(`SET GLOBAL autocommit = 1, sql_mode = '${mode}'`);
      }
    });
  });

  describe('changes that wait for a lock', () => {
    it('leave connections to those who only want in', async () => {
      const other = await startApp({ database: { url: latchkey.database.url, poolSize: 4 } }, latchkey.database);
      const { user } = await other.key();
      let release = () => {};
      let holding: Promise<void> = Promise.resolve();
      await new Promise<void>((locked) => {
        holding = latchkey.dataSource.transaction(async (manager) => {
          await manager.query('SELECT id FROM lk_users WHERE name = ? FOR UPDATE', [user]);
          locked();
          await new Promise<void>((resolve) => (release = resolve));
        });
      });
      const waiting = Array.from({ length: 12 }, () =>
        other.call('POST', '/api/method/frappe.core.doctype.user.user', { auth: key.token, json: { user } }),
      );
      const began = performance.now();
      expect((await other.call('GET', '/v1/me', { auth: key.token })).status).toBe(200);
      expect(performance.now() - began).toBeLessThan(2000); // the lock is held for as long as it takes
      release();
      await holding;
      expect(new Set((await Promise.all(waiting)).map(({ status }) => status))).toEqual(new Set([200]));
      await other.close();
    });
  });
}
