import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { OPERATOR, SYSTEM_MANAGER } from '../../src/index.js';
import { GatheredRefusals } from '../../src/audit/gathered-refusals.js';
import { Database } from '../../src/database/database.js';
import { LatchkeyError } from '../../src/latchkey.error.js';
import { UsageCounts } from '../../src/usage/usage-counts.js';
import { UsageService } from '../../src/usage/usage.service.js';
import { LastUse } from '../../src/verification/last-use.js';
import { startApp, type TestApp, type TestKey } from '../support/app.js';
import { latchkeyHere } from '../support/command.js';

/** How often secrets were used (AUDIT.md, section 2). */

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

let latchkey: TestApp;
let manager: TestKey;
beforeAll(async () => {
  latchkey = await startApp();
  manager = await latchkey.key([SYSTEM_MANAGER]);
});
afterAll(() => latchkey.close());
afterEach(() => {
  jest.restoreAllMocks();
});

/** As it does each 30 s. */
const write = () => latchkey.app.get(LastUse).onApplicationShutdown();
const ask = ({ token }: Pick<TestKey, 'token'>) => latchkey.call('GET', '/v1/me', { auth: token });
const read = (query: string, auth = manager.token) => latchkey.call('GET', `/v1/usage${query}`, { auth });
interface Count {
  from: string;
  accepted: number;
  limited: number;
}
const sum = (counts: Count[]) =>
  counts.reduce(
    (all, { accepted, limited }) => ({ accepted: all.accepted + accepted, limited: all.limited + limited }),
    { accepted: 0, limited: 0 },
  );
const used = async (query: string) => sum((await read(query)).json.data);

it('counts who was let in and who was limited: of a secret, a key, a user, and of all', async () => {
  await write();
  const before = await used('');
  const { user, apiKey, token } = await latchkey.key();
  const limited = await latchkey.secret(user, { limits: [{ requests: 3, seconds: 2_678_400 }] });
  for (let i = 0; i < 4; i++) expect((await ask({ token })).status).toBe(200);
  const statuses = [];
  for (let i = 0; i < 5; i++) statuses.push((await ask(limited)).status);
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  expect((await ask({ token: `${token}x` })).status).toBe(401); // nobody's
  await write();
  expect(await used(`?secretId=${limited.id}`)).toEqual({ accepted: 3, limited: 2 });
  for (const query of [`?apiKey=${apiKey}`, `?user=${user}`, `?user=${user.toUpperCase()}&by=hour`]) {
    expect(await used(query)).toEqual({ accepted: 7, limited: 2 });
  }
  const all = await used('');
  expect(all.limited - before.limited).toBe(2);
  expect(all.accepted - before.accepted).toBeGreaterThanOrEqual(7);
  const { stdout, code } = await latchkeyHere(['usage', user, '--json'], { DATABASE_URL: latchkey.database.url });
  expect([code, sum(JSON.parse(stdout))]).toEqual([0, { accepted: 7, limited: 2 }]);
  // A key of nobody is shown to nobody. What it was used stays in the sum of all.
  await latchkey.users.delete(OPERATOR, user);
  expect((await read(`?secretId=${limited.id}`)).status).toBe(404);
  expect(await used('')).toMatchObject({ limited: all.limited });
});

it('has one count for each day or hour, oldest first, and none twice', async () => {
  const { json } = await read('');
  expect(json.data).toHaveLength(30);
  const today = new Date(Date.now() - (Date.now() % DAY)).toISOString();
  expect(json.data.at(-1).from).toBe(today);
  const days = json.data.map(({ from }: Count) => Date.parse(from));
  expect(days).toEqual(days.map((_: number, i: number) => days[0] + i * DAY));
  const hours = (await read('?by=hour')).json.data.map(({ from }: Count) => Date.parse(from));
  expect(hours).toHaveLength(24);
  expect(hours).toEqual(hours.map((_: number, i: number) => hours[0] + i * HOUR));
  const range = '?by=hour&from=2026-01-01T00:00:00Z&to=2026-01-01T05:59:59Z';
  expect((await read(range)).json.errors[0].code).toBe('no_hours');
  expect((await read(range.replace('hour', 'day'))).json.data).toEqual([
    { from: '2026-01-01T00:00:00.000Z', accepted: 0, limited: 0 },
  ]);
});

describe('who may see it', () => {
  it('managers anybody, others themselves; nobody learns of a key that is not theirs', async () => {
    const [owner, other] = [await latchkey.key(), await latchkey.key()];
    await ask(owner);
    await write();
    const by = async (key: TestKey, query: string) => (await read(query, key.token)).status;
    expect(await by(owner, `?user=${owner.user}`)).toBe(200);
    expect(await by(owner, `?apiKey=${owner.apiKey}`)).toBe(200);
    expect(await by(owner, '')).toBe(403);
    expect(await by(other, `?user=${owner.user}`)).toBe(404);
    expect(await by(other, `?apiKey=${owner.apiKey}`)).toBe(404);
    const { json } = await latchkey.call('GET', '/v1/me', { auth: owner.token });
    expect(await by(owner, `?secretId=${json.credential.secretId}`)).toBe(200);
    expect(await by(other, `?secretId=${json.credential.secretId}`)).toBe(404);
    expect(await by(manager, '?user=Administrator')).toBe(404);
    expect(await by(manager, `?secretId=${crypto.randomUUID()}`)).toBe(404);
  });

  it.each([
    ['?by=week', 422],
    ['?from=yesterday', 422],
    ['?from=2026-11-30T00:00:00Z&to=2026-11-01T00:00:00Z', 422],
    ['?from=1990-01-01T00:00:00Z', 422],
    ['?user=a@example.com&apiKey=lk_x', 400],
    ['?user=nobody@example.com', 404],
    ['?user[]=a', 422],
    ['?until=now', 422],
  ])('%s is %i', async (query, status) => {
    const answer = await read(query);
    expect(answer.status).toBe(status);
    expect(answer.json.detail).toMatch(/\.$/);
  });
});

it('one that is limited after its use was written leaves when and from where that was', async () => {
  const { user } = await latchkey.key();
  const { id, apiKey, token } = await latchkey.secret(user, {});
  await ask({ token });
  await write();
  const stored = () =>
    latchkey.dataSource.query('SELECT last_used_at, last_used_address FROM lk_api_secrets WHERE id = ?', [id]);
  const before = await stored();
  expect(before).toMatchObject([{ last_used_address: '127.0.0.1' }]);
  latchkey.app.get(LastUse).limited(id, apiKey);
  await write();
  expect(await stored()).toEqual(before);
  expect(await used(`?secretId=${id}`)).toEqual({ accepted: 1, limited: 1 });
});

it('refusals that could not be written are written the next time', async () => {
  const { user } = await latchkey.key();
  const refusals = latchkey.app.get(GatheredRefusals);
  const refusal = { event: 'session.refused', actor: 'Guest', subject: user, credential: null, apiKey: null } as const;
  for (let i = 0; i < 3; i++) refusals.add({ ...refusal, address: '192.0.2.1' });
  jest.spyOn(latchkey.app.get(Database), 'change').mockRejectedValueOnce(new LatchkeyError('unavailable', 'away'));
  await refusals.write();
  refusals.add({ ...refusal, address: '192.0.2.1' });
  await refusals.write();
  const { json } = await latchkey.call('GET', `/v1/audit?event=session.refused&subject=${user}`, {
    auth: manager.token,
  });
  expect(json.data).toMatchObject([{ details: { count: 4 } }]);
});

describe('what is written', () => {
  const secretId = () => crypto.randomUUID();
  const at = () => Date.now() - (Date.now() % HOUR);
  const countOf = async (id: string) => {
    const rows = await latchkey.dataSource.query('SELECT accepted, limited FROM lk_usage WHERE secret_id = ?', [id]);
    return rows.map(({ accepted, limited }: Count) => [Number(accepted), Number(limited)]);
  };

  it('counts once, though its answer was lost', async () => {
    const database = latchkey.app.get(Database);
    const counts = new UsageCounts(database);
    const id = secretId();
    counts.add({ secretId: id, apiKey: 'lk_x', startsAt: at(), accepted: 5, limited: 1 });
    const change = database.change.bind(database);
    jest.spyOn(database, 'change').mockImplementationOnce(async (...args) => {
      await change(...args);
      throw new LatchkeyError('unavailable', 'lost');
    });
    await expect(counts.write()).rejects.toThrow('lost');
    expect(await countOf(id)).toEqual([[5, 1]]);
    counts.add({ secretId: id, apiKey: 'lk_x', startsAt: at(), accepted: 2, limited: 0 });
    await counts.write();
    expect(await countOf(id)).toEqual([[7, 1]]);
    await counts.write();
    expect(await countOf(id)).toEqual([[7, 1]]);
  });

  it('is not lost while the database is away, and adds up over processes', async () => {
    const database = latchkey.app.get(Database);
    const all = [1, 2, 3].map(() => new UsageCounts(database));
    const id = secretId();
    const away = new LatchkeyError('unavailable', 'away');
    jest.spyOn(database, 'change').mockRejectedValueOnce(away).mockRejectedValueOnce(away);
    for (const counts of all) counts.add({ secretId: id, apiKey: 'lk_x', startsAt: at(), accepted: 4, limited: 0 });
    await Promise.all(all.map((counts) => counts.write().catch(() => undefined)));
    await Promise.all(all.map((counts) => counts.write()));
    expect(await countOf(id)).toEqual([[12, 0]]);
  });

  it('becomes days after 35 days, and goes after 400', async () => {
    const usage = latchkey.app.get(UsageService);
    const counts = new UsageCounts(latchkey.app.get(Database));
    const ids = Array.from({ length: 30 }, secretId);
    const day = at() - (at() % DAY);
    for (const id of ids) {
      for (let hour = 0; hour < 24; hour++) {
        counts.add({ secretId: id, apiKey: 'lk_x', startsAt: day + hour * HOUR, accepted: 1, limited: 2 });
      }
    }
    await counts.write();
    expect(await countOf(ids[0]!)).toHaveLength(24);
    await usage.tidyUp(day + 34 * DAY);
    expect(await countOf(ids[0]!)).toHaveLength(24);
    await Promise.all([usage.tidyUp(day + 37 * DAY), usage.tidyUp(day + 37 * DAY)]); // two nodes at once
    for (const id of ids) expect(await countOf(id)).toEqual([[24, 48]]);
    expect(sum((await read('')).json.data).accepted).toBeGreaterThanOrEqual(30 * 24);
    await usage.tidyUp(day + 399 * DAY);
    expect(await countOf(ids[0]!)).toEqual([[24, 48]]);
    await usage.tidyUp(day + 402 * DAY);
    for (const id of ids) expect(await countOf(id)).toEqual([]);
  });
});
