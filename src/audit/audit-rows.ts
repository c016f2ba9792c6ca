import { type EntityManager, In, LessThanOrEqual, MoreThan } from 'typeorm';
import { AuditRow } from './audit-row.entity.js';
import { type AuditRecord, canonicalJson, type ChainHead, hashOf, START_OF_CHAIN } from './chain.js';

/** Rows that are read at once. */
const PAGE = 1000;

export async function loadRows(manager: EntityManager, numbers: readonly number[]): Promise<AuditRecord[]> {
  const rows = await manager.findBy(AuditRow, { n: In(numbers) });
  const byNumber = new Map(rows.map((row) => [Number(row.n), toRecord(row)]));
  return numbers.flatMap((n) => byNumber.get(n) ?? []);
}

function toRecord({ n, details: text, hash, ...row }: AuditRow): AuditRecord {
  const { at, event, actor, credential, subject, apiKey, secretId, address, userAgent, requestId } = row;
  const about = { subject, apiKey, secretId };
  const details = detailsOf(text) ?? { unreadable: text };
  return { n: Number(n), at, event, actor, credential, ...about, address, userAgent, requestId, details, hash };
}

/** @returns undefined for what Latchkey has not written. */
function detailsOf(text: string): Record<string, unknown> | undefined {
  try {
    const details: unknown = JSON.parse(text);
    return isObject(details) ? details : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Deletes rows from before a time, the oldest first.
 * @returns the end of what was deleted, and how many rows; undefined when there are none, or another node was faster.
 */
export async function deleteOldest(
  manager: EntityManager,
  before: Date,
  most: number,
): Promise<(ChainHead & { rows: number }) | undefined> {
  const [oldest] = (await manager.query(
    `SELECT MAX(n) AS n FROM (SELECT n FROM lk_audit WHERE at < ? ORDER BY at, n LIMIT ${most}) o`,
    [before.getTime()],
  )) as { n: number | string | null }[];
  if (oldest?.n == null) return undefined;
  const last = await manager.findOneBy(AuditRow, { n: Number(oldest.n) });
  const { affected } = await manager.delete(AuditRow, { n: LessThanOrEqual(Number(oldest.n)) });
  return last && affected ? { n: Number(last.n), hash: last.hash, rows: affected } : undefined;
}

/** What lk_revision says of the trail, and the numbers of the rows at its edges; null where there are none. */
interface Edges {
  readonly head: ChainHead;
  /** The time of the newest row, in milliseconds since 1970. */
  readonly at: number;
  readonly oldest: number | null;
  readonly newest: number | null;
}

export async function readHead(manager: EntityManager): Promise<ChainHead> {
  return (await readEdges(manager)).head;
}

async function readEdges(manager: EntityManager): Promise<Edges> {
  const [row] = (await manager.query(
    `SELECT audit_n AS n, audit_hash AS hash, audit_at AS at, (SELECT MIN(n) FROM lk_audit) AS oldest,
            (SELECT MAX(n) FROM lk_audit) AS newest FROM lk_revision WHERE id = 1`,
  )) as (Record<'n' | 'at', number | string> & { hash: string } & Record<
      'oldest' | 'newest',
      number | string | null
    >)[];
  if (!row) throw new Error('The table lk_revision has lost its row.');
  const head = { n: Number(row.n), hash: row.hash };
  const number = (n: number | string | null) => (n === null ? null : Number(n));
  return { head, at: Number(row.at), oldest: number(row.oldest), newest: number(row.newest) };
}

/** What was found out about the chain. */
export interface Verification {
  /** The head that it was followed up to. */
  readonly head: ChainHead;
  /** Rows that were followed. */
  readonly rows: number;
  /** The first row that is there, and follows those that were purged; undefined when there is none. */
  readonly first: number | undefined;
  /** The first thing that is wrong; undefined when the trail is whole. */
  readonly problem?: { readonly n: number; readonly message: string };
}

/**
 * Follows the chain from its first row to its head, in constant memory.
 * @param since a head from before, of which it is proved that the trail goes on from there.
 */
export async function verifyChain(manager: EntityManager, since?: ChainHead): Promise<Verification> {
  for (;;) {
    const edges = await readEdges(manager);
    const start = await startOf(manager, edges.head);
    const verification = await follow(manager, edges, start, since);
    const isSame = (await startOf(manager, (await readEdges(manager)).head)).n === start.n;
    if (!verification.problem || isSame) return verification; // else rows were purged meanwhile
  }
}

async function follow(
  manager: EntityManager,
  { head, at, oldest, newest }: Edges,
  start: Start,
  since: ChainHead | undefined,
): Promise<Verification> {
  const { last, lastAt, rows, first, wrong, hasPassed } = await walk(manager, start, head.n, since);
  const found = (n: number, message: string) => ({ head, rows, first, problem: { n, message } });
  const purged = start.purge && Number(start.purge.n);
  if (purged !== undefined && start.n >= purged) return found(purged, CHANGED);
  const isAdded = oldest !== null && oldest <= start.n;
  if (isAdded || (wrong && rows === 0)) {
    // What the oldest row goes on from is known by the row of the purge alone: which of the two is wrong?
    const [row] = await manager.find(AuditRow, { order: { n: 'ASC' }, take: 1 });
    const rest = row && (await walk(manager, { n: Number(row.n), hash: row.hash }, head.n));
    if (purged !== undefined && rest?.wrong?.n === purged) return found(purged, CHANGED);
    if (isAdded) return found(oldest, ADDED);
  }
  if (since && since.n === start.n && since.hash !== start.hash) return found(since.n, NOT_THAT_HEAD);
  if (wrong) return found(wrong.n, wrong.message);
  if (last.n < head.n) return found(last.n + 1, removed(last.n + 1, head.n));
  if (last.n > head.n) return found(head.n, 'The head of the chain was set back.');
  if (last.hash !== head.hash || lastAt !== at) return found(head.n, 'The head of the chain was changed.');
  if (newest !== null && newest > head.n) return found(head.n + 1, 'Rows were added after the end of the chain.');
  if (since && !hasPassed) {
    const isAhead = since.n > head.n;
    return found(since.n, isAhead ? `The trail ends at ${head.n}, before that head.` : 'That row was purged.');
  }
  return { head, rows, first };
}

interface Walk {
  /** The last row that follows the one before it, and its time. */
  readonly last: ChainHead;
  readonly lastAt: number;
  readonly rows: number;
  readonly first: number | undefined;
  readonly wrong?: { readonly n: number; readonly message: string };
  /** Whether it has come by `since`. */
  readonly hasPassed: boolean;
}

/** Follows the rows after `from`, up to the number `to`, as far as each follows the one before it. */
async function walk(manager: EntityManager, from: ChainHead, to: number, since?: ChainHead): Promise<Walk> {
  let [last, lastAt, rows] = [from, 0, 0];
  let first: number | undefined;
  let hasPassed = since?.n === from.n;
  const state = () => ({ last, lastAt, rows, first, hasPassed });
  for (;;) {
    const page = await manager.find(AuditRow, { where: { n: MoreThan(last.n) }, order: { n: 'ASC' }, take: PAGE });
    for (const row of page) {
      const n = Number(row.n);
      if (n > to) return state(); // written meanwhile, or added
      first ??= n;
      if (n !== last.n + 1) return { ...state(), wrong: { n: last.n + 1, message: removed(last.n + 1, n - 1) } };
      if (hashOfStored(last.hash, row) !== row.hash) return { ...state(), wrong: { n, message: CHANGED } };
      if (since?.n === n && row.hash !== since.hash) return { ...state(), wrong: { n, message: NOT_THAT_HEAD } };
      hasPassed ||= since?.n === n;
      last = { n, hash: row.hash };
      lastAt = row.at.getTime();
      rows++;
    }
    if (page.length < PAGE || last.n >= to) return state();
  }
}

const CHANGED = 'This row was changed, or is not the one that followed the row before it.';
const ADDED = 'This row was added: the trail begins after it.';
const NOT_THAT_HEAD = 'The row of that number has another hash: the trail does not go on from that head.';

function removed(from: number, to: number): string {
  return from === to ? 'This row was removed.' : `The rows ${from} to ${to} were removed.`;
}

/** What the oldest row that is there goes on from: nothing, or the end of what was purged. */
interface Start extends ChainHead {
  readonly purge?: AuditRow;
}

async function startOf(manager: EntityManager, head: ChainHead): Promise<Start> {
  const [purge] = await manager.find(AuditRow, {
    where: { event: 'audit.purged', n: LessThanOrEqual(head.n) },
    order: { n: 'DESC' },
    take: 1,
  });
  if (!purge) return START_OF_CHAIN;
  const { n, hash } = detailsOf(purge.details) ?? {};
  return typeof n === 'number' && typeof hash === 'string' ? { n, hash, purge } : { ...START_OF_CHAIN, purge };
}

/** @returns undefined for a row that Latchkey has not written in that form. */
function hashOfStored(before: string, row: AuditRow): string | undefined {
  const record = toRecord(row);
  return canonicalJson(record.details) === row.details ? hashOf(before, record) : undefined;
}
