import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuditService } from '../../src/audit/audit.service.js';
import { AUDIT_EVENTS } from '../../src/audit/events.js';
import { OPERATOR } from '../../src/users/principal.js';
import { freshDatabase, startApp, type TestApp, type TestDatabase } from '../support/app.js';
import {
  allPages,
  asRecord,
  chained,
  insertRows,
  setHead,
  type Stored,
  storedHead,
  type StoredHead,
  storedRows,
} from '../support/audit.js';
import { Random } from '../support/attack.js';
import { latchkeyHere } from '../support/command.js';

/** Somebody writes to the tables of the trail, past Latchkey. What of it is found, and where. */

const EDITS = Number(process.env.AUDIT_EDITS ?? 200);
const SEED = Number(process.env.TEST_SEED ?? Date.now() % 1_000_000);
const DAY = 24 * 60 * 60_000;

let database: TestDatabase;
let latchkey: TestApp;
let audit: AuditService;
/** What is there when nobody has meddled. */
let rows: Stored[];
let head: StoredHead;

beforeAll(async () => {
  database = await freshDatabase();
  latchkey = await startApp({}, database);
  audit = latchkey.app.get(AuditService);
  await latchkey.users.create(OPERATOR, { email: 'one@example.com', fullName: 'One' });
  for (let i = 0; i < 12; i++) {
    await latchkey.users.update(OPERATOR, 'one@example.com', { fullName: `Name ${i}`, enabled: i % 3 === 0 });
    await latchkey.apiKeys.generate(OPERATOR, { user: 'one@example.com', name: `n${i % 4}` });
  }
  const { token } = await latchkey.key(['System Manager']);
  for (let i = 0; i < 5; i++)
    await latchkey.call('POST', '/v1/roles', { auth: token, json: { name: `R${i}` }, headers: { 'user-agent': 'a' } });
  await remember();
}, 60_000);
afterAll(async () => {
  await latchkey.close();
  await database.remove();
});

async function remember(): Promise<void> {
  rows = await storedRows(latchkey.dataSource);
  head = await storedHead(latchkey.dataSource);
}

const query = (sql: string, values: unknown[] = []) => latchkey.dataSource.query(sql, values);
const problem = async (since?: { n: number; hash: string }) => (await audit.verify(since)).problem;
const numbers = () => rows.map(({ n }) => Number(n));

/** Puts that in place of the trail. */
async function replace(by: readonly Stored[], newHead = head): Promise<void> {
  await latchkey.dataSource.transaction(async (manager) => {
    await manager.query('DELETE FROM lk_audit');
    await insertRows(manager, by);
    await setHead(manager, newHead);
  });
}

/** What somebody does, and the number at which it has to be found. */
interface Meddling {
  readonly what: string;
  readonly at: number;
  readonly rows?: readonly Stored[];
  readonly head?: StoredHead;
}

/** Another value of that column, as somebody would write it who covers up. */
function edited(random: Random, row: Stored, column: string): Stored {
  const value = row[column] ?? null;
  const other = (text: string) => `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`;
  if (column === 'n') return { ...row, n: random.pick([-1, 1]) * (Number(value) + 100_000) };
  if (column === 'at') return { ...row, at: Number(value) + random.pick([-1, 1, 3_600_000]) };
  if (column === 'event') return { ...row, event: random.pick(AUDIT_EVENTS.filter((event) => event !== value)) };
  if (column === 'hash') return { ...row, hash: random.pick([other(String(value)), String(value).toUpperCase()]) };
  if (column === 'details') {
    const text = String(value);
    const odd = [text.replace('{', '{ '), text.replace('{', '{"x":1,'), '{}', 'null', '[]', '', '{'];
    return { ...row, details: random.pick(odd.filter((one) => one !== text)) };
  }
  return {
    ...row,
    [column]: value === null ? random.pick(['', 'x']) : random.pick([other(String(value)), '']),
  };
}

/** @param mark the row of the purge that is in force, without which nothing explains that the first rows are gone. */
function meddle(random: Random, mark: number | undefined): Meddling {
  const [purge] = rows.filter((one) => Number(one.n) === mark);
  const row = random.pick([...rows, ...(purge ? Array<Stored>(5).fill(purge) : [])]);
  const n = Number(row.n);
  const without = rows.filter((one) => one !== row);
  const isMark = (one: number) => one === mark;
  const kind = random.pick(['edit', 'edit', 'edit', 'delete', 'insert', 'swap', 'move', 'head'] as const);
  if (kind === 'edit') {
    const column = random.pick(Object.keys(row));
    const changed = edited(random, row, column);
    const hides = isMark(n) && ['event', 'n'].includes(column);
    const at = column === 'n' ? Math.min(n, Number(changed.n)) : n;
    return {
      what: `${column} of ${n}: ${changed[column]}`,
      at: hides ? Math.min(at, 1) : at,
      rows: [...without, changed],
    };
  }
  if (kind === 'delete') return { what: `delete ${n}`, at: isMark(n) ? 1 : n, rows: without };
  if (kind === 'swap' || kind === 'move') {
    const other = random.pick(without);
    const m = Number(other.n);
    // The first of them, from its number on, is another.
    const swapped = rows.map((one) => (one === row ? { ...row, n: m } : one === other ? { ...other, n } : one));
    if (kind === 'swap') return { what: `swap ${n} and ${m}`, at: Math.min(n, m), rows: swapped };
    const texts = ['actor', 'event', 'details', 'subject'] as const;
    const column = texts.find((one) => row[one] !== other[one]);
    if (column === undefined) return { what: `swap ${n} and ${m}`, at: Math.min(n, m), rows: swapped };
    const values = rows.map((one) =>
      one === row ? { ...row, [column]: other[column]! } : one === other ? { ...other, [column]: row[column]! } : one,
    );
    const hides = column === 'event' && (isMark(n) || isMark(m));
    return { what: `swap ${column} of ${n} and ${m}`, at: hides ? NaN : Math.min(n, m), rows: values };
  }
  if (kind === 'insert') {
    const place = random.pick(['end', 'before', 'middle'] as const);
    if (place === 'end')
      return { what: `copy ${n} to the end`, at: head.audit_n + 1, rows: [...rows, { ...row, n: head.audit_n + 1 }] };
    if (place === 'before') {
      const free = Math.min(...numbers()) - 1 - Math.floor(random.between(0, 3));
      return { what: `copy ${n} to ${free}`, at: free, rows: [...rows, { ...row, n: free }] };
    }
    const from = random.pick(rows.filter((one) => one !== row));
    const shifted = rows.map((one) => (Number(one.n) >= n ? { ...one, n: Number(one.n) + 1 } : one));
    return { what: `insert ${from.n} at ${n}`, at: n, rows: [...shifted, { ...from, n }] };
  }
  const before = rows.at(-2)!;
  return random.pick<Meddling>([
    { what: 'head: n + 1', at: head.audit_n + 1, head: { ...head, audit_n: head.audit_n + 1 } },
    { what: 'head: n - 1', at: head.audit_n - 1, head: { ...head, audit_n: head.audit_n - 1 } },
    { what: 'head: hash', at: head.audit_n, head: { ...head, audit_hash: '0'.repeat(64) } },
    { what: 'head: at', at: head.audit_n, head: { ...head, audit_at: head.audit_at - 1 } },
    { what: 'head: at later', at: head.audit_n, head: { ...head, audit_at: head.audit_at + DAY } },
    {
      what: 'head: the row before',
      at: head.audit_n,
      head: { audit_n: Number(before.n), audit_hash: String(before.hash), audit_at: Number(before.at) },
    },
    { what: 'head: the start', at: NaN, head: { audit_n: 0, audit_hash: '0'.repeat(64), audit_at: 0 } },
  ]);
}

async function meddleOften(mark?: number): Promise<void> {
  const random = new Random(SEED);
  const kinds = new Set<string>();
  for (let i = 0; i < EDITS; i++) {
    const { what, at, rows: changed = rows, head: changedHead = head } = meddle(random, mark);
    kinds.add(what.replace(/\d+/g, '').slice(0, 12));
    await replace(changed, changedHead);
    const found = await problem();
    expect([SEED, i, what, found?.n]).toEqual([SEED, i, what, Number.isNaN(at) ? expect.any(Number) : at]);
    expect(found!.message).toMatch(/^[A-Z].*\.$/);
    await replace(rows);
    expect([what, await problem()]).toEqual([what, undefined]);
  }
  expect(kinds.size).toBeGreaterThan(15);
}

/** All rows and hashes made anew, as somebody does who has the code. */
function madeAnew(change: (row: Stored) => Stored): { rows: Stored[]; head: StoredHead } {
  const first = asRecord(rows[0]!);
  const from = { n: first.n - 1, hash: beforeFirst() };
  return chained(
    rows.map((row) => asRecord(change(row))),
    from,
  );
}

/** What the oldest row goes on from. */
function beforeFirst(): string {
  const mark = rows.map(asRecord).findLast(({ event }) => event === 'audit.purged');
  return mark ? String(mark.details.hash) : '0'.repeat(64);
}

function tests(markOf: () => number | undefined): void {
  it(`${EDITS} edits, deletions, insertions and swaps of rows and of the head: each is found, at its row`, async () => {
    expect(await problem()).toBeUndefined();
    await meddleOften(markOf());
  }, 120_000);

  it('a purge that was none does not hide what comes before it', async () => {
    const all = rows.map(asRecord);
    const upTo = all[Math.floor(all.length / 2)]!;
    const details = JSON.stringify({ hash: upTo.hash, n: upTo.n, rows: 9 });
    for (const at of [all[2]!.n, upTo.n, upTo.n + 1, head.audit_n]) {
      const covered = rows.map((row) => {
        if (Number(row.n) === at) return { ...row, event: 'audit.purged', details };
        return Number(row.n) === all[1]!.n ? { ...row, actor: 'nobody' } : row;
      });
      for (const some of [covered, covered.filter(({ n }) => Number(n) > upTo.n || Number(n) === at)]) {
        await replace(some);
        expect([at, await problem()]).toEqual([at, { n: expect.any(Number), message: expect.any(String) }]);
      }
    }
    const later = { ...rows.at(-1)!, n: head.audit_n + 1, event: 'audit.purged' };
    await replace([
      ...rows.slice(-1),
      { ...later, details: JSON.stringify({ hash: head.audit_hash, n: head.audit_n }) },
    ]);
    expect(await problem()).toBeDefined();
    await replace(rows);
    expect(await problem()).toBeUndefined();
  });

  it('a chain that is made anew is found by a head that was kept, and by nothing else', async () => {
    const kept = await audit.head();
    const middle = asRecord(rows[Math.floor(rows.length / 2)]!);
    const anew = madeAnew((row) => (Number(row.n) === middle.n ? { ...row, actor: 'somebody.else@example.com' } : row));
    await replace(anew.rows, anew.head);
    expect(await problem()).toBeUndefined();
    expect(await problem(kept)).toEqual({ n: kept.n, message: expect.stringContaining('another hash') });
    const before = asRecord(rows.find(({ n }) => Number(n) === middle.n - 1)!);
    expect(await problem({ n: before.n, hash: before.hash })).toBeUndefined(); // up to there it is the same
    // Rows that came after the head are forgotten.
    const shorter = rows.slice(0, -1);
    const last = shorter.at(-1)!;
    await replace(shorter, { audit_n: Number(last.n), audit_hash: String(last.hash), audit_at: Number(last.at) });
    expect(await problem()).toBeUndefined();
    expect(await problem(kept)).toEqual({ n: kept.n, message: `The trail ends at ${kept.n - 1}, before that head.` });
    await replace(rows);
    expect(await problem(kept)).toBeUndefined();
  });
}

describe('a whole trail', () => {
  tests(() => undefined);

  it('latchkey audit verify', async () => {
    const env = { DATABASE_URL: database.url };
    const verify = (...args: string[]) => latchkeyHere(['audit', 'verify', ...args], env);
    const kept = (await verify('--head')).stdout.trim();
    expect(kept).toBe(`${head.audit_n}:${head.audit_hash}`);
    const whole = `The trail is whole: ${rows.length} rows from 1 to ${head.audit_n}`;
    expect(await verify()).toEqual({ code: 0, stdout: `${whole}. Its head is ${kept}\n`, stderr: '' });
    expect((await verify('--since', kept)).stdout).toBe(
      `${whole}, and goes on from row ${head.audit_n}. Its head is ${kept}\n`,
    );
    expect(JSON.parse((await verify('--json')).stdout)).toMatchObject({ ok: true, rows: rows.length, problem: null });
    for (const bad of ['1', 'x:y', `${kept}0`, `-${kept}`]) expect((await verify('--since', bad)).code).toBe(2);

    await query('UPDATE lk_audit SET actor = ? WHERE n = 7', ['nobody']);
    const { code, stdout, stderr } = await verify();
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^latchkey: The trail is not whole\. Row 7: This row was changed/);
    const json = await verify('--json');
    expect([json.code, JSON.parse(json.stdout)]).toMatchObject([1, { ok: false, problem: { n: 7 } }]);
    await replace(rows);
    const made = madeAnew((row) => ({ ...row, actor: 'command' }));
    await replace(made.rows, made.head);
    expect((await verify()).code).toBe(0);
    const since = await verify('--since', kept);
    expect([since.code, since.stderr]).toEqual([1, expect.stringContaining('another hash')]);
    await replace(rows);
  });

  it('what was changed is still listed', async () => {
    const { token } = await latchkey.keyOf('Administrator');
    await query("UPDATE lk_audit SET details = '{' WHERE n = 9");
    const listed = await allPages(latchkey, token, { limit: '100' });
    expect(listed.find(({ n }) => n === 9)).toMatchObject({ details: { unreadable: '{' } });
    await query('UPDATE lk_audit SET details = ? WHERE n = 9', [String(rows[8]!.details)]);
    expect(await problem()).toBeUndefined();
  });
});

describe('a trail that was purged', () => {
  let mark: number;
  beforeAll(async () => {
    const days = (ago: number) => new Date(Date.now() - ago * DAY);
    const aged = rows.map((row, i) => ({
      ...asRecord(row),
      at: days(i < rows.length / 2 ? 500 + rows.length - i : 20 - i / 10),
    }));
    const made = chained(aged);
    await replace(made.rows, made.head);
    await audit.purge(400);
    mark = (await audit.head()).n;
    for (let i = 0; i < 8; i++) await latchkey.users.update(OPERATOR, 'one@example.com', { fullName: `Later ${i}` });
    await remember();
    expect(numbers()[0]).toBeGreaterThan(10);
    expect(rows.filter(({ event }) => event === 'audit.purged')).toMatchObject([
      { n: rows.find(({ n }) => Number(n) === mark)!.n },
    ]);
  });
  tests(() => mark);

  it('more cannot be taken away from its beginning', async () => {
    for (const count of [1, 5, 20]) {
      await replace(rows.slice(count));
      const first = numbers()[0]!;
      expect(await problem()).toEqual({
        n: first,
        message: expect.stringMatching(count === 1 ? /^This row was removed/ : /^The rows .* were removed/),
      });
    }
    await replace(rows);
  });
});
