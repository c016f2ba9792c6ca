import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { ENGINE, startApp, type TestApp, type TestKey } from '../support/app.js';
import { client } from '../support/http.js';

let latchkey: TestApp;
let url: string;
let key: TestKey;

beforeAll(async () => {
  latchkey = await startApp({ metrics: { host: '127.0.0.1', port: 0 } });
  url = String(latchkey.log.find(({ metrics }) => metrics)!.metrics).replace('/metrics', '');
  key = await latchkey.key();
});
afterAll(() => latchkey.close());

const read = async () => (await client(url)('GET', '/metrics')).text;

/** The value of the one sample of that name and those labels. */
async function sample(name: string, labels: Record<string, string> = {}): Promise<number> {
  const lines = (await read()).split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  const found = lines.filter((line) =>
    Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)),
  );
  return found.length === 0 ? 0 : Number(found[0]!.split(' ').at(-1));
}

describe('metrics', () => {
  it('are on a port of their own, and not on that of the API', async () => {
    const answer = await client(url)('GET', '/metrics');
    expect([answer.status, answer.headers['content-type']]).toEqual([200, expect.stringContaining('text/plain')]);
    expect((await latchkey.call('GET', '/metrics')).status).toBe(404);
    expect((await client(url)('GET', '/v1/me')).status).toBe(404);
    expect((await client(url)('POST', '/metrics')).status).toBe(404);
  });

  it('count requests by route and status, and verifications by outcome', async () => {
    const of = (route: string, status: string) => sample('latchkey_http_requests_total', { route, status });
    const verified = (outcome: string) => sample('latchkey_verifications_total', { outcome });
    const before = [await of('/v1/me', '200'), await verified('accepted'), await verified('refused')];
    await latchkey.call('GET', '/v1/me', { auth: key.token });
    await latchkey.call('GET', '/v1/me', { auth: `${key.token}x` });
    await latchkey.call('GET', '/v1/me', { auth: 'token no-colon' }); // nothing to verify
    expect([await of('/v1/me', '200'), await verified('accepted'), await verified('refused')]).toEqual(
      before.map((count) => count + 1),
    );
    expect(await of('/v1/me', '401')).toBe(2);
    expect(await sample('latchkey_verify_duration_seconds_count', { kind: 'cold' })).toBeGreaterThanOrEqual(2);
    expect(await sample('latchkey_http_request_duration_seconds_count', { route: '/v1/me' })).toBeGreaterThanOrEqual(3);
  });

  it('tell what memory answers', async () => {
    const [hits, accepted] = [
      await sample('latchkey_cache_hits_total'),
      await sample('latchkey_verifications_total', { outcome: 'accepted' }),
    ];
    for (let i = 0; i < 5; i++) await latchkey.call('GET', '/v1/me', { auth: key.token });
    expect(await sample('latchkey_cache_hits_total')).toBeGreaterThanOrEqual(hits + 4); // a poll may have come between
    expect(await sample('latchkey_verifications_total', { outcome: 'accepted' })).toBe(accepted + 5);
    const refused = await sample('latchkey_verifications_total', { outcome: 'refused' });
    for (let i = 0; i < 5; i++) await latchkey.call('GET', '/v1/me', { auth: `${key.token}y` });
    expect(await sample('latchkey_verifications_total', { outcome: 'refused' })).toBe(refused + 5);
    expect(await sample('latchkey_cached_keys')).toBe(1);
    expect(await sample('latchkey_lease_age_seconds')).toBeLessThan(0.9);
  });

  it('tell of the build, the event loop and the database', async () => {
    expect(await sample('latchkey_build_info', { node: process.version, version: '0.1.0' })).toBe(1);
    const text = await read();
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(text.includes('latchkey_database_connections{state="idle"}')).toBe(ENGINE !== 'sqlite');
  });

  it('have no label that grows with users, keys or what unknown callers send', async () => {
    const count = async () => (await read()).split('\n').filter((line) => line.startsWith('latchkey_')).length;
    const callAll = async () => {
      for (const method of ['LINK', 'MKCOL', 'LOCK', 'SEARCH'])
        await latchkey.call(method, `/v1/${crypto.randomUUID()}`);
      const { token: auth, user } = await latchkey.key();
      for (const path of [`/v1/users/${user}`, `/x/${user}`, `/${user}`, `/api/method/${user}`])
        for (const method of ['GET', 'DELETE']) await latchkey.call(method, path, { auth });
    };
    await callAll();
    const before = await count();
    for (let i = 0; i < 25; i++) await callAll();
    expect(await count()).toBe(before);
    expect(await read()).not.toContain(key.apiKey);
  });
});

describe('the dashboard', () => {
  it('asks for metrics that there are, and for each of ours', async () => {
    const dashboard = readFileSync('docs/grafana-dashboard.json', 'utf8');
    const exposed = new Set([...(await read()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!));
    const asked = new Set(
      [...dashboard.matchAll(/\b(?:latchkey|nodejs|process)_[a-z0-9_]+/g)].map(([name]) =>
        name.replace(/_(bucket|sum|count)$/, ''),
      ),
    );
    const pool = (name: string) => name.startsWith('latchkey_database_');
    expect([...asked].filter((name) => !exposed.has(name) && !pool(name))).toEqual([]);
    expect([...exposed].filter((name) => name.startsWith('latchkey_') && !asked.has(name))).toEqual([]);
    for (const panel of JSON.parse(dashboard).panels) expect(panel.title).toEqual(expect.any(String));
  });
});
