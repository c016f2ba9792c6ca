import type { EntityManager, QueryRunner } from 'typeorm';

/** Instead of a user: everybody. Ids of users are UUIDs. */
export const EVERYBODY = '*';

/** Instead of a user: nobody, for a change that takes a number and no power. */
export const NOBODY = '-';

/** More users than this in one change are marked as everybody. */
const MAX_MARKS = 1000;
/** Marks that are kept whatever their age, and for how long all are kept. */
const KEPT = 10_000;
const KEPT_MS = 60 * 60 * 1000;
const PURGED_AT_ONCE = 1000;

/** A committed change of what users may do: its number, and of whom. */
export interface Change {
  readonly revision: number;
  readonly tag: number;
  /** Their ids, or `EVERYBODY` alone. */
  readonly users: readonly string[];
}

const marked = new WeakMap<EntityManager, Set<string>>();

/** At the start of a transaction. @returns where `leaveMark` gathers the users. */
export function beginMarks(manager: EntityManager): Set<string> {
  const users = new Set<string>();
  marked.set(manager, users);
  return users;
}

/**
 * Has the transaction tell every node that what it remembers of this user (its id, or `EVERYBODY`) is no longer true.
 * Nodes that are not told accept a revoked secret until they are restarted.
 */
export function leaveMark(manager: EntityManager, userId: string): void {
  const users = marked.get(manager);
  if (!users) throw new Error('leaveMark is for transactions of Database.change.');
  users.add(userId);
}

/**
 * Writes the marks of a transaction, as the last of its statements: the row of the counter stays locked until COMMIT, so
 * numbers are in the order of commits, and who sees a number sees every change up to it.
 */
export async function writeMarks(manager: EntityManager, users: ReadonlySet<string>): Promise<Change> {
  const everybody = users.has(EVERYBODY) || users.size > MAX_MARKS;
  const some = [...users].filter((user) => user !== NOBODY || users.size === 1);
  const tag = makeTag();
  const change = { revision: 0, tag, users: everybody ? [EVERYBODY] : some };
  const { type } = manager.dataSource.options;
  if (type === 'mysql' || type === 'mariadb') {
    const sql = 'UPDATE lk_revision SET n = LAST_INSERT_ID(n + 1), tag = ? WHERE id = 1';
    change.revision = Number(((await manager.query(sql, [tag])) as { insertId: number }).insertId);
  } else {
    const sql = 'UPDATE lk_revision SET n = n + 1, tag = ? WHERE id = 1 RETURNING n';
    const [row] = (await manager.query(sql, [tag])) as { n: number | string }[];
    change.revision = Number(row?.n ?? 0);
  }
  if (change.revision === 0) throw new Error('The table lk_revision has lost its row.');
  const made = Date.now();
  const rows = change.users.flatMap((userId) => [change.revision, userId, tag, made]);
  const places = change.users.map(() => '(?, ?, ?, ?)').join(', ');
  await manager.query(`INSERT INTO lk_marks (n, user_id, tag, made) VALUES ${places}`, rows);
  return change;
}

/** The newest change that is committed, as if it had been one of that user. */
export async function newestChange(manager: EntityManager, userId: string): Promise<Change> {
  const sql = 'SELECT n, tag FROM lk_revision WHERE id = 1';
  const [row] = (await manager.query(sql)) as { n: number | string; tag: number | string }[];
  if (!row) throw new Error('The table lk_revision has lost its row.');
  return { revision: Number(row.n), tag: Number(row.tag), users: [userId] };
}

/** Deletes the oldest marks that no node needs, some of them. @returns whether there may be more. */
export async function purgeMarks(manager: EntityManager, now = Date.now()): Promise<boolean> {
  const old = `FROM lk_marks WHERE n < (SELECT n FROM lk_revision WHERE id = 1) - ${KEPT} AND made < ?`;
  const sql = `SELECT n ${old} ORDER BY n LIMIT 1 OFFSET ${PURGED_AT_ONCE - 1}`;
  const before = now - KEPT_MS;
  const [last] = (await manager.query(sql, [before])) as { n: number | string }[];
  if (last) await manager.query('DELETE FROM lk_marks WHERE n <= ? AND made < ?', [Number(last.n), before]);
  return last !== undefined;
}

/** The tables that hold the marks start with one, so that a node always has a mark to go on from. */
export async function insertFirstMark(runner: QueryRunner): Promise<void> {
  if (((await runner.query('SELECT id FROM lk_revision')) as unknown[]).length > 0) return;
  const tag = makeTag();
  await runner.query(`INSERT INTO lk_marks (n, user_id, tag, made) VALUES (0, '${EVERYBODY}', ${tag}, ${Date.now()})`);
  await runner.query(`INSERT INTO lk_revision (id, n, tag) VALUES (1, 0, ${tag})`);
}

/** Tells apart two histories that gave out the same number, one of which was lost with a crash or in a restore. */
function makeTag(): number {
  return Math.floor(Math.random() * 2 ** 48);
}
