import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { AuditFilters } from '../../src/audit/audit-search.js';
import { AuditService } from '../../src/audit/audit.service.js';
import type { AuditEvent } from '../../src/audit/events.js';
import type { Position } from '../../src/users/list-page.js';
import { OPERATOR } from '../../src/users/principal.js';
import { ENGINE, freshDatabase, startApp, type TestApp, type TestDatabase } from '../support/app.js';
import { chained, insertRows, setHead } from '../support/audit.js';
import { latchkey as command, run, startProcess } from '../support/process.js';
import { rowsReadBy } from '../support/rows-read.js';

/** A long trail: what a page of it reads, by the engine's own counters. */

const ROWS = Number(process.env.AUDIT_ROWS ?? 100_000);
const LIMIT = 20;
/** By one filter: what a page shows and one step reads, and the rows again. */
const BOUND = 500;
/** By an index of one filter, with the others judged row by row: where few meet those, a page ends early (`SCANNED`). */
const BOUND_OF_SEVERAL = 26_000;
const BATCH = 20_000;
/** All rows as objects would be many times as much. */
const HEAP_MB = 64;
const OLDEST = Date.UTC(2026, 0, 1);
const EVENTS: AuditEvent[] = ['session.opened', 'session.opened', 'session.ended', 'secret.rotated', 'secret.revoked'];
const id = (i: number) => `${String(i).padStart(8, '0')}-0000-4000-8000-000000000000`;

let database: TestDatabase;
let latchkey: TestApp;
let audit: AuditService;

beforeAll(async () => {
  database = await freshDatabase();
  latchkey = await startApp({ database: { url: database.url, poolSize: 1 } }, database); // rows are counted on one connection
  audit = latchkey.app.get(AuditService);
  await latchkey.dataSource.query('DELETE FROM lk_audit');
  let from: { n: number; hash: string } | undefined;
  for (let i = 0; i < ROWS; i += BATCH) {
    const { rows, head } = chained(
      Array.from({ length: BATCH }, (_, j) => row(i + j)),
      from,
    );
    await insertRows(latchkey.dataSource, rows);
    await setHead(latchkey.dataSource, head);
    from = { n: head.audit_n, hash: head.audit_hash };
  }
  if (ENGINE !== 'sqlite') await latchkey.dataSource.query('ANALYZE TABLE lk_audit');
}, 600_000);
afterAll(async () => {
  await latchkey.close();
  await database.remove();
});

/** Most rows are of a few actors and events; a thousandth of the rest is rare. */
function row(i: number) {
  const user = `user${i % 2000}@example.com`;
  const isRare = i % 1000 === 0;
  return {
    at: new Date(OLDEST + Math.floor(i / 3) * 1000),
    event: isRare ? ('user.deleted' as const) : EVENTS[i % EVENTS.length]!,
    actor: isRare ? 'rare@example.com' : `manager${i % 5}@example.com`,
    credential: id(i % 20),
    subject: user,
    apiKey: `lk_${i % 2000}`,
    secretId: id(i % 5000),
    address: isRare ? '192.0.2.1' : `198.51.100.${i % 50}`,
    userAgent: 'an agent/1.0',
    requestId: id(i),
    details: { name: 'default', replacedBy: id(i + 1) },
  };
}

const at = (part: number) => new Date(OLDEST + Math.floor((ROWS * part) / 3) * 1000);
const FILTERS: Record<string, AuditFilters> = {
  user: { user: 'user77@example.com' },
  'user who does much': { user: 'manager2@example.com' },
  actor: { actor: 'manager1@example.com' },
  'rare actor': { actor: 'rare@example.com' },
  subject: { subject: 'user77@example.com' },
  credential: { credential: id(7) },
  apiKey: { apiKey: 'lk_77' },
  secretId: { secretId: id(77) },
  address: { address: '198.51.100.7' },
  'rare address': { address: '192.0.2.1' },
  event: { event: 'session.opened' },
  'rare event': { event: 'user.deleted' },
  from: { from: at(0.5) },
  to: { to: at(0.5) },
  'from the end on': { from: at(0.999) },
  nothing: {},
};
const PAIRS = Object.entries(FILTERS).flatMap(([one, a], i) =>
  Object.entries(FILTERS)
    .slice(i + 1)
    .filter(([, b]) => Object.keys(b).every((field) => !(field in a)))
    .map(([two, b]) => [`${one} and ${two}`, { ...a, ...b }] as const),
);

/** What the first page reads, and one deep in the list. */
async function mostRead(filters: AuditFilters): Promise<number> {
  const read = async (after?: Position) => {
    let next: Position | undefined;
    const rows = await rowsReadBy(latchkey, 'lk_audit', async () => {
      ({ next } = await audit.list(OPERATOR, { ...filters, limit: LIMIT, after }));
    });
    return { rows, next };
  };
  const first = await read();
  const deep = await read({ at: Math.floor(ROWS * 0.6), id: String(Math.floor(ROWS * 0.6)) });
  const deeper = deep.next ? await read(deep.next) : deep;
  return Math.max(first.rows, deep.rows, deeper.rows);
}

describe(`a page of ${ROWS} rows reads a bounded number of them`, () => {
  it.each(Object.entries(FILTERS))('by %s', async (_, filters) => {
    const rows = await mostRead(filters);
    expect(rows).toBeGreaterThan(0); // it counts
    expect(rows).toBeLessThan(BOUND);
  });

  it('by every two filters', async () => {
    let most: [number, string] = [0, ''];
    for (const [name, filters] of PAIRS) {
      const rows = await mostRead(filters);
      if (rows > most[0]) most = [rows, name];
      expect([name, rows < BOUND_OF_SEVERAL]).toEqual([name, true]);
    }
    process.stdout.write(`${ENGINE}: ${PAIRS.length} pairs read at most ${most[0]} rows, by ${most[1]}\n`);
    expect(PAIRS.length).toBeGreaterThan(80);
  }, 300_000);
});

it(`verify, export and NDJSON go through all of it with ${HEAP_MB} MB of heap`, async () => {
  const { token } = await latchkey.keyOf('Administrator');
  const env = { DATABASE_URL: database.url, NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`, LOG_LEVEL: 'info' };
  const began = performance.now();
  const verified = await command(['audit', 'verify'], env);
  expect([verified.code, verified.stdout.slice(0, 20)]).toEqual([0, 'The trail is whole: ']);
  const between = performance.now();
  const shell = `"${process.execPath}" dist/cli/main.js audit export | wc -l`;
  expect((await run('sh', ['-c', shell], env)).stdout.trim()).toBe(String(ROWS + 1));
  const exported = performance.now();
  const server = await startProcess(env);
  const started = performance.now();
  let lines = 0;
  let bytes = 0;
  await new Promise<void>((resolve, reject) => {
    const headers = { authorization: token, accept: 'application/x-ndjson' };
    const sent = request(`${server.url}/v1/audit`, { headers, agent: false }, (response) => {
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        for (const byte of chunk) if (byte === 10) lines++;
      });
      response.on('error', reject);
      response.on('end', resolve);
    });
    sent.on('error', reject);
    sent.end();
  });
  const ended = performance.now();
  const rss = /^VmHWM:\s+(\d+)/m.exec(readStatus(server.child.pid))?.[1] ?? NaN;
  await server.end('SIGTERM');
  expect(lines).toBe((await audit.head()).n); // a first start makes a secret
  const seconds = (from: number, to: number) => `${((to - from) / 1000).toFixed(1)} s`;
  process.stdout.write(
    `${ENGINE}: ${ROWS} rows: verify ${seconds(began, between)}, export ${seconds(between, exported)}, NDJSON ${seconds(started, ended)}, ${Math.round(bytes / 2 ** 20)} MB sent by a server of at most ${Math.round(Number(rss) / 1024)} MB\n`,
  );
}, 900_000);

/** What Linux says of a process; empty elsewhere. */
function readStatus(pid: number | undefined): string {
  const path = `/proc/${pid}/status`;
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
