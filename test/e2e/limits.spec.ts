import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { ModuleRef, Reflector } from '@nestjs/core';
import { setTimeout as delay } from 'node:timers/promises';
import { AuditService } from '../../src/audit/audit.service.js';
import { GatheredRefusals } from '../../src/audit/gathered-refusals.js';
import { Database } from '../../src/database/database.js';
import { Shares } from '../../src/verification/shares.js';
import { takeShare } from '../../src/verification/share-rows.js';
import { LatchkeyError } from '../../src/latchkey.error.js';
import { ApiKeyAuthGuard, OPERATOR, type Principal, Public, Roles, SYSTEM_MANAGER } from '../../src/index.js';
import { freshDatabase, newName, startApp, type TestApp, type TestDatabase, type TestKey } from '../support/app.js';
import { type Host, type HostOptions, startHost } from '../support/host.js';
import type { Answer } from '../support/http.js';

/** How often a secret may be used (AUDIT.md, section 3), by nodes on one database. */

/** A window that does not end while a test runs: 31 days. */
const LONG = 2_678_400;
const NODES = 3;

let database: TestDatabase;
let nodes: TestApp[];
let latchkey: TestApp;
let manager: TestKey;

beforeAll(async () => {
  database = await freshDatabase();
  nodes = [];
  for (let i = 0; i < NODES; i++) nodes.push(await startApp({}, database));
  latchkey = nodes[0]!;
  manager = await latchkey.key([SYSTEM_MANAGER]);
});
afterAll(async () => {
  for (const node of nodes) await node.close();
  await database.remove();
});
afterEach(() => {
  jest.restoreAllMocks();
});

const limited = async (...limits: [requests: number, seconds: number][]) => {
  const { user } = await latchkey.key();
  return latchkey.secret(user, { limits: limits.map(([requests, seconds]) => ({ requests, seconds })) });
};
const ask = ({ token }: Pick<TestKey, 'token'>, node = latchkey) => node.call('GET', '/v1/me', { auth: token });
const headerOf = ({ headers }: Answer, name: string) => (headers as Record<string, string>)[name.toLowerCase()];
/** `r` and `t` of the RateLimit header, by policy. */
function rateLimit(answer: Answer): Record<string, { r: number; t: number }> {
  const items = headerOf(answer, 'RateLimit')!.split(', ');
  return Object.fromEntries(
    items.map((item) => {
      const [, name, r, t] = /^"(\d+)";r=(\d+);t=(\d+)$/.exec(item)!;
      return [name, { r: Number(r), t: Number(t) }];
    }),
  );
}
async function times(count: number, secret: TestKey, on = [latchkey]): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  let left = count;
  const work = async (node: TestApp) => {
    while (left-- > 0) {
      const { status } = await ask(secret, node);
      counts[status] = (counts[status] ?? 0) + 1;
    }
  };
  await Promise.all(on.flatMap((node) => Array.from({ length: 8 }, () => work(node))));
  return counts;
}

describe('answers', () => {
  it('say what is left, and 429 comes when nothing is', async () => {
    const secret = await limited([5, LONG]);
    for (let left = 4; left >= 0; left--) {
      const answer = await ask(secret);
      expect(answer.status).toBe(200);
      expect(answer.json.credential.limits).toEqual([{ requests: 5, seconds: LONG }]);
      expect(headerOf(answer, 'RateLimit-Policy')).toBe(`"5";q=5;w=${LONG}`);
      expect(rateLimit(answer)['5']!.r).toBe(left);
    }
    const refused = await ask(secret);
    expect([refused.status, refused.json.code]).toEqual([429, 'too_many_requests']);
    const { t } = rateLimit(refused)['5']!;
    expect(headerOf(refused, 'Retry-After')).toBe(String(t));
    expect(t).toBe(Math.ceil(LONG - ((Date.now() / 1000) % LONG)));
    expect(refused.json.detail).toContain('5 requests');
    const frappe = await latchkey.call('GET', '/api/method/frappe.auth.get_logged_user', { auth: secret.token });
    expect([frappe.status, frappe.json.exc_type]).toEqual([429, 'TooManyRequestsError']);
    expect(headerOf(frappe, 'Retry-After')).toBeDefined();
  });

  it('of a secret without limits have none of these headers', async () => {
    const answer = await ask(await latchkey.key());
    expect([headerOf(answer, 'RateLimit'), headerOf(answer, 'RateLimit-Policy')]).toEqual([undefined, undefined]);
  });

  it('tell each of several limits, and the longest wait', async () => {
    const secret = await limited([3, 3600], [40, LONG]);
    const answer = await ask(secret);
    expect(headerOf(answer, 'RateLimit-Policy')).toBe(`"3";q=3;w=3600, "40";q=40;w=${LONG}`);
    expect(Object.keys(rateLimit(answer))).toEqual(['3', '40']);
    expect(await times(10, secret)).toEqual({ 200: 2, 429: 8 });
    expect(Number(headerOf(await ask(secret), 'Retry-After'))).toBeLessThanOrEqual(3600);
  });

  it('a refusal for another reason takes nothing', async () => {
    const { user } = await latchkey.key();
    const limits = [{ requests: 2, seconds: LONG }];
    const secret = await latchkey.secret(user, { limits, scopes: ['reports:read'] }).catch(() => undefined);
    expect(secret).toBeUndefined(); // there is no such scope
    const scoped = await latchkey.secret(user, { limits, scopes: ['keys:read'] });
    for (let i = 0; i < 5; i++) {
      expect((await latchkey.call('GET', '/v1/users', { auth: scoped.token })).status).toBe(403);
    }
    expect(await times(5, scoped)).toEqual({ 200: 2, 429: 3 });
  });
});

describe('over all nodes', () => {
  it.each([1, 7, 19, 20, 100, 1000])('a limit of %i is never passed, and a busy node reaches it', async (requests) => {
    const secret = await limited([requests, LONG]);
    const counts = await times(requests + 50, secret);
    expect(counts).toEqual({ 200: requests, 429: 50 });
    for (const node of nodes) expect((await ask(secret, node)).status).toBe(429);
  });

  it.each([1, 7, 40, 400])('a limit of %i is never passed by three nodes at once', async (requests) => {
    const secret = await limited([requests, LONG]);
    const { 200: accepted = 0, ...rest } = await times(3 * requests + 60, secret, nodes);
    expect(Object.keys(rest)).toEqual(['429']);
    expect(accepted).toBeLessThanOrEqual(requests);
    // What two of them hold at the end is lost: a twentieth each, or one.
    expect(accepted).toBeGreaterThanOrEqual(requests - 2 * Math.max(1, Math.floor(requests / 20)));
  });

  it('windows follow one another', async () => {
    const secret = await limited([10, 1]);
    const windows = new Map<number, number>();
    const end = Date.now() + 4000;
    while (Date.now() < end) {
      const before = Math.floor(Date.now() / 1000);
      const { status } = await ask(secret, nodes[windows.size % NODES]);
      // Of one that was answered in another window it is not known in which it was counted.
      if (status === 200 && before === Math.floor(Date.now() / 1000)) {
        windows.set(before, (windows.get(before) ?? 0) + 1);
      }
    }
    expect(Math.max(...windows.values())).toBeLessThanOrEqual(10);
    expect(windows.size).toBeGreaterThanOrEqual(4);
    expect([...windows.values()].toSorted((a, b) => a - b).at(-2)).toBeGreaterThanOrEqual(8);
  });

  it('a client that obeys the headers is never refused', async () => {
    const secret = await limited([10, 1], [25, 3]);
    let asked = 0;
    for (const end = Date.now() + 5000; Date.now() < end;) {
      const answer = await ask(secret, nodes[asked++ % 2]);
      expect(answer.status).toBe(200);
      const empty = Object.values(rateLimit(answer)).filter(({ r }) => r === 0);
      if (empty.length > 0) await delay(1000 * Math.max(...empty.map(({ t }) => t)));
    }
    expect(asked).toBeGreaterThan(10);
  });

  it('a node whose clock is ahead has begun the next window: the others go on in that one', async () => {
    const secret = await limited([50, 3600]);
    expect((await ask(secret)).status).toBe(200);
    const next = (Math.floor(Date.now() / 3_600_000) + 2) * 3_600_000;
    const move = async (endsAt: number, used: number) =>
      latchkey.dataSource.query('UPDATE lk_shares SET ends_at = ?, used = ? WHERE api_key = ?', [
        endsAt,
        used,
        secret.apiKey,
      ]);
    await move(next, 48);
    expect(await times(5, secret, [nodes[1]!])).toEqual({ 200: 2, 429: 3 });
    // One that is hours ahead is wrong, and keeps nobody out.
    await move(next + 5 * 3_600_000, 50);
    expect((await ask(secret, nodes[2])).status).toBe(200);
  });

  it('a statement that comes late, as of a process that was frozen, does not begin a window that is over again', async () => {
    const { apiKey } = await latchkey.key();
    const of = { apiKey, name: 'late', seconds: 1 };
    const now = Date.now() - (Date.now() % 1000);
    const take = (endsAt: number) =>
      takeShare(latchkey.app.get(Database), of, { needed: 6, inAdvance: () => 0, left: 10, requests: 10, endsAt });
    expect(await take(now + 1000)).toEqual({ taken: 6, left: 4, endsAt: now + 1000 });
    expect(await take(now - 4000)).toEqual({ taken: 4, left: 0, endsAt: now + 1000 });
    expect(await take(now + 1000)).toEqual({ taken: 0, left: 0, endsAt: now + 1000 });
  });

  it("the last ones are nobody's in advance: whoever is told that some are left gets in on any node", async () => {
    const secret = await limited([60, LONG]);
    const told: number[] = [];
    for (let i = 0; told.at(-1) !== 0; i++) {
      const answer = await ask(secret, nodes[i % NODES]);
      expect(answer.status).toBe(200);
      told.push(rateLimit(answer)['60']!.r);
    }
    expect(told.length).toBeGreaterThanOrEqual(60 - NODES);
    expect(told.slice(-30)).toEqual(Array.from({ length: 30 }, (_, i) => 29 - i));
  });
});

describe('cost', () => {
  it('a share is for many requests; without a limit there is none', async () => {
    const write = jest.spyOn(latchkey.app.get(Database), 'write');
    const secret = await limited([10_000, LONG]);
    expect(await times(2000, secret)).toEqual({ 200: 2000 });
    expect(write.mock.calls.length).toBeLessThanOrEqual(20);
    write.mockClear();
    await times(50, await latchkey.key());
    expect(write).not.toHaveBeenCalled();
  });

  it.each([
    [10_000, 100],
    [1000, 60],
  ])('of %i requests, to the last one, at most %i statements', async (requests, statements) => {
    const { id, apiKey, user } = await limited([requests, LONG]);
    const limits = [{ requests, seconds: LONG }];
    const credential = { type: 'api-key' as const, apiKey, secretId: id, secretName: 'counted', scopes: null, limits };
    const shares = latchkey.app.get(Shares);
    const spies = (['write', 'select'] as const).map((way) => jest.spyOn(latchkey.app.get(Database), way));
    let left = requests;
    const work = async () => {
      while (left-- > 0) {
        await shares.take({ name: user, roles: [], credential } as unknown as Principal);
        await new Promise(setImmediate); // as requests come: not all at once
      }
    };
    await Promise.all(Array.from({ length: 16 }, work));
    const asked = spies.flatMap(({ mock }) => mock.calls).filter(([sql]) => String(sql).includes('lk_shares'));
    process.stdout.write(`${requests} requests: ${asked.length} statements\n`);
    expect(asked.length).toBeLessThanOrEqual(statements);
  });

  it('of a small limit, each request has one statement', async () => {
    const write = jest.spyOn(latchkey.app.get(Database), 'write');
    const secret = await limited([15, LONG]);
    for (let i = 0; i < 15; i++) expect((await ask(secret)).status).toBe(200);
    expect(write.mock.calls.length).toBeLessThanOrEqual(15 + 4); // and the row itself
    write.mockClear();
    expect(await times(20, secret)).toEqual({ 429: 20 });
    expect(write.mock.calls.length).toBeLessThanOrEqual(1); // that it was reached
  });
});

describe('without the database', () => {
  it('a node goes on with what it holds; then it is 503, and 200 again once the database is back', async () => {
    const secret = await limited([200, LONG]);
    expect((await ask(secret)).status).toBe(200);
    const held = 200 / 20;
    const away = new LatchkeyError('unavailable', 'The database does not answer at the moment.');
    const write = jest.spyOn(latchkey.app.get(Database), 'write').mockRejectedValue(away);
    expect(await times(held, secret)).toEqual({ 200: held });
    const answer = await ask(secret);
    expect([answer.status, answer.json.code]).toEqual([503, 'unavailable']);
    write.mockRestore();
    expect((await ask(secret)).status).toBe(200);
  });
});

describe('a secret', () => {
  const generate = (user: string, secret: object) =>
    latchkey.call('POST', '/v1/api-keys', { auth: manager.token, json: { user, ...secret } });
  const rotate = (apiKey: string, secret: object) =>
    latchkey.call('POST', `/v1/api-keys/${apiKey}/secrets`, { auth: manager.token, json: secret });
  const user = async () => (await latchkey.users.create(OPERATOR, { email: newName(), fullName: 'A User' })).name;
  const tokenOf = ({ json }: Answer) => ({ token: `token ${json.apiKey}:${json.apiSecret}` });

  it('hands its limits on, and shares them with the one that takes its place', async () => {
    const limits = [{ requests: 6, seconds: LONG }];
    const first = await generate(await user(), { limits });
    expect([first.status, first.json.limits]).toEqual([201, limits]);
    for (let i = 0; i < 2; i++) expect((await ask(tokenOf(first))).status).toBe(200);
    const second = await rotate(first.json.apiKey, { overlapSeconds: 3600 });
    expect(second.json.limits).toEqual(limits);
    const statuses = [];
    for (let i = 0; i < 6; i++) statuses.push((await ask(tokenOf(i % 2 ? first : second))).status);
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
    // Another name has an allowance of its own; null takes the limits away.
    const other = await rotate(first.json.apiKey, { name: 'other', limits });
    expect((await ask(tokenOf(other))).status).toBe(200);
    const free = await rotate(first.json.apiKey, { limits: null });
    expect(free.json.limits).toBeNull();
    expect((await ask(tokenOf(free))).status).toBe(200);
  });

  it('shares them with a retiring one that has another limit: neither uses up more than it takes', async () => {
    const first = await generate(await user(), { limits: [{ requests: 200, seconds: LONG }] });
    const limits = [{ requests: 100, seconds: LONG }];
    const second = await rotate(first.json.apiKey, { overlapSeconds: 3600, limits });
    const accepted = { first: 0, second: 0 };
    for (let i = 0; i < 250; i++) {
      if ((await ask(tokenOf(first))).status === 200) accepted.first++;
      if ((await ask(tokenOf(second))).status === 200) accepted.second++;
    }
    const all = accepted.first + accepted.second;
    expect(all).toBeLessThanOrEqual(200);
    expect(all).toBeGreaterThanOrEqual(200 - 5); // what the second one holds at its end is lost
  });

  it('gets more, or less, at once and on every node', async () => {
    const first = await generate(await user(), { limits: [{ requests: 2, seconds: LONG }] });
    const key = { ...tokenOf(first) };
    for (const status of [200, 200, 429]) expect((await ask(key)).status).toBe(status);
    const patch = (limits: unknown) =>
      latchkey.call('PATCH', `/v1/api-keys/${first.json.apiKey}/secrets/${first.json.secretId}`, {
        auth: manager.token,
        json: { limits },
      });
    expect((await patch([{ requests: 4, seconds: LONG }])).json.limits).toEqual([{ requests: 4, seconds: LONG }]);
    for (const status of [200, 200, 429]) expect((await ask(key)).status).toBe(status);
    expect((await patch([{ requests: 3, seconds: LONG }])).status).toBe(200);
    expect((await ask(key)).status).toBe(429);
    expect((await patch(null)).status).toBe(200);
    expect((await ask(key)).status).toBe(200);
  });

  it.each([
    ['text', 'none'],
    ['number', 5],
    ['empty', []],
    ['not objects', [5]],
    ['null within', [null]],
    ['lists', [[1, 2]]],
    ['no seconds', [{ requests: 5 }]],
    ['no requests', [{ seconds: 5 }]],
    ['zero', [{ requests: 0, seconds: 60 }]],
    ['negative', [{ requests: 5, seconds: -1 }]],
    ['a fraction', [{ requests: 1.5, seconds: 60 }]],
    ['texts', [{ requests: '5', seconds: '60' }]],
    ['too many requests', [{ requests: 1_000_000_001, seconds: 60 }]],
    ['too long', [{ requests: 5, seconds: LONG + 1 }]],
    ['something else beside', [{ requests: 5, seconds: 60, burst: 3 }]],
    ['five', [1, 2, 3, 4, 5].map((i) => ({ requests: i, seconds: i }))],
    [
      'the same window twice',
      [
        { requests: 5, seconds: 60 },
        { requests: 6, seconds: 60 },
      ],
    ],
    [
      'one without effect',
      [
        { requests: 5, seconds: 60 },
        { requests: 5, seconds: 3600 },
      ],
    ],
  ])('refuses limits that are %s', async (_, limits) => {
    const { status, json } = await generate(await user(), { limits });
    expect([status, json.code, json.errors[0].field]).toEqual([422, 'validation_failed', 'limits']);
    expect(json.errors[0].message).toMatch(/\.$/);
  });
});

it('a limit that was reached is one row in the audit trail for each secret and window, of all nodes', async () => {
  const secret = await limited([3, LONG]);
  await times(40, secret, nodes);
  const rows = async () => {
    for (const node of nodes) await node.app.get(GatheredRefusals).write(); // as it does each minute
    const { items } = await latchkey.app.get(AuditService).list(OPERATOR, { event: 'limit.reached', limit: 100 });
    return items.filter(({ credential }) => credential === secret.id);
  };
  await delay(200); // no answer waits for it to be noted
  expect(await rows()).toMatchObject([
    { actor: secret.user, subject: secret.user, apiKey: secret.apiKey, details: { requests: 3, seconds: LONG } },
  ]);
  await times(10, secret, nodes);
  expect(await rows()).toHaveLength(1);
});

@Controller()
@UseGuards(ApiKeyAuthGuard)
class Routes {
  @Get('private') private() {
    return { ok: true };
  }

  @Get('public') @Public() public() {
    return { ok: true };
  }

  @Get('manager') @Roles(SYSTEM_MANAGER) manager() {
    return { ok: true };
  }
}

/** Of a token. */
const basic = (token: string) => `Basic ${Buffer.from(token.replace('token ', '')).toString('base64')}`;

describe('in a host', () => {
  let host: Host | undefined;
  afterEach(async () => host?.close());

  it.each([
    [{}, [200, 200, 429]],
    [{ limits: false }, [200, 200, 200]],
  ])('the guard holds secrets to their limits: with %j, the answers are %j', async (options, expected) => {
    host = await startHost({ controllers: [Routes], ...options });
    const { name: user } = await host.token();
    const token = await host.secret(user, { limits: [{ requests: 2, seconds: LONG }] });
    const answers: Answer[] = [];
    for (let i = 0; i < 3; i++) answers.push(await host.call('GET', '/private', { auth: token }));
    expect(answers.map(({ status }) => status)).toEqual(expected);
    const has = 'limits' in options ? [undefined, undefined] : [expect.any(String), expect.any(String)];
    expect(['RateLimit', 'Retry-After'].map((name) => headerOf(answers[2]!, name))).toEqual(has);
  });

  describe('of Fastify; test/package has one of Express', () => {
    const start = async (options: Partial<HostOptions> = {}) => {
      host = await startHost({ controllers: [Routes], ...options });
      const { name: user } = await host.token();
      return host.secret(user, { limits: [{ requests: 3, seconds: LONG }] });
    };
    const get = (path: string, auth?: string) => host!.call('GET', path, { auth });

    it("the answers have the headers, and 429 is that of Nest's own filter; token and Basic have one allowance", async () => {
      const token = await start();
      const left = [];
      for (const auth of [token, basic(token), token]) {
        const answer = await get('/private', auth);
        expect([answer.status, headerOf(answer, 'RateLimit-Policy')]).toEqual([200, `"3";q=3;w=${LONG}`]);
        left.push(rateLimit(answer)['3']!.r);
      }
      expect(left).toEqual([2, 1, 0]);
      for (const auth of [token, basic(token)]) {
        const answer = await get('/private', auth);
        expect([answer.status, answer.json.statusCode]).toEqual([429, 429]);
        expect(answer.json.message).toContain('3 requests');
        expect(headerOf(answer, 'Retry-After')).toBe(String(rateLimit(answer)['3']!.t));
        expect(rateLimit(answer)['3']!.r).toBe(0);
      }
    });

    it('a public route counts a secret that is sent all the same, and nobody else', async () => {
      const token = await start();
      const statuses = [];
      for (let i = 0; i < 4; i++) statuses.push((await get('/public', token)).status);
      expect(statuses).toEqual([200, 200, 200, 429]);
      const answer = await get('/public');
      expect([answer.status, headerOf(answer, 'RateLimit')]).toEqual([200, undefined]);
    });

    it('a request that is refused for its role takes nothing', async () => {
      const token = await start();
      for (let i = 0; i < 5; i++) expect((await get('/manager', token)).status).toBe(403);
      expect(rateLimit(await get('/private', token))['3']!.r).toBe(2);
    });

    it('a request that passes two of our guards is counted once', async () => {
      const token = await start({ globalGuards: (app) => [new ApiKeyAuthGuard(new Reflector(), app.get(ModuleRef))] });
      const statuses = [];
      for (let i = 0; i < 4; i++) statuses.push((await get('/private', token)).status);
      expect(statuses).toEqual([200, 200, 200, 429]);
    });
  });
});
