import type { EntityManager, QueryRunner } from 'typeorm';

/** In place of a user's id: everybody. Ids of users are UUIDs. */
export const EVERYBODY = '*';

/** In place of a user's id: nobody. For a change that takes a number and reduces nobody's access. */
export const NOBODY = '-';

/** A change of more users than this invalidates everybody. */
const MAX_INVALIDATIONS = 1000;
/** The newest invalidations are kept whatever their age, and all of them for an hour. */
const KEPT = 10_000;
const KEPT_MS = 60 * 60 * 1000;
const PURGED_AT_ONCE = 1000;

/** A committed change of what users may do: its number, and the users. */
export interface Change {
  readonly revision: number;
  readonly tag: number;
  /** Their ids, or `EVERYBODY` alone. */
  readonly users: readonly string[];
}

const invalidated = new WeakMap<EntityManager, Set<string>>();

/** At the start of a transaction. @returns the set in which `invalidate` collects the users. */
export function beginInvalidations(manager: EntityManager): Set<string> {
  const users = new Set<string>();
  invalidated.set(manager, users);
  return users;
}

/**
 * Has the transaction tell every node that what it has cached of this user (its id, or `EVERYBODY`) is no longer current.
 * Nodes that are not told accept a revoked secret until they are restarted.
 */
export function invalidate(manager: EntityManager, userId: string): void {
  const users = invalidated.get(manager);
  if (!users) throw new Error('invalidate is for transactions of Database.change.');
  users.add(userId);
}

/**
 * Writes the invalidations of a transaction. The row of the counter stays locked until COMMIT.
 * @param revision the number of the change.
 */
export async function writeInvalidations(
  manager: EntityManager,
  users: ReadonlySet<string>,
  revision: number,
): Promise<Change> {
  const everybody = users.has(EVERYBODY) || users.size > MAX_INVALIDATIONS;
  const some = [...users].filter((user) => user !== NOBODY || users.size === 1);
  const change = { revision, tag: makeTag(), users: everybody ? [EVERYBODY] : some };
  const made = Date.now();
  const rows = change.users.flatMap((userId) => [revision, userId, change.tag, made]);
  const places = change.users.map(() => '(?, ?, ?, ?)').join(', ');
  await manager.query(`INSERT INTO lk_invalidations (n, user_id, tag, made) VALUES ${places}`, rows);
  return change;
}

/** The newest change that is committed, as if it had been a change of that user. */
export async function newestChange(manager: EntityManager, userId: string): Promise<Change> {
  const sql = 'SELECT n, tag FROM lk_revision WHERE id = 1';
  const [row] = (await manager.query(sql)) as { n: number | string; tag: number | string }[];
  if (!row) throw new Error('The table lk_revision has lost its row.');
  return { revision: Number(row.n), tag: Number(row.tag), users: [userId] };
}

/** Deletes some of the oldest invalidations, which no node needs any more. @returns whether there may be more. */
export async function purgeInvalidations(manager: EntityManager, now = Date.now()): Promise<boolean> {
  const old = `FROM lk_invalidations WHERE n < (SELECT n FROM lk_revision WHERE id = 1) - ${KEPT} AND made < ?`;
  const sql = `SELECT n ${old} ORDER BY n LIMIT 1 OFFSET ${PURGED_AT_ONCE - 1}`;
  const before = now - KEPT_MS;
  const [last] = (await manager.query(sql, [before])) as { n: number | string }[];
  if (last) await manager.query('DELETE FROM lk_invalidations WHERE n <= ? AND made < ?', [Number(last.n), before]);
  return last !== undefined;
}

/** The first row of the new tables, so that a node always has an invalidation to go on from. Repeatable. */
export async function insertFirstInvalidation(runner: QueryRunner): Promise<void> {
  if (((await runner.query('SELECT id FROM lk_revision')) as unknown[]).length > 0) return;
  const tag = makeTag();
  await runner.query('DELETE FROM lk_invalidations'); // of a run that was interrupted before the second row
  await runner.query(
    `INSERT INTO lk_invalidations (n, user_id, tag, made) VALUES (0, '${EVERYBODY}', ${tag}, ${Date.now()})`,
  );
  await runner.query(`INSERT INTO lk_revision (id, n, tag) VALUES (1, 0, ${tag})`);
}

/** Tells apart two histories that gave out the same number, one of which was lost with a crash or in a restore. */
function makeTag(): number {
  return Math.floor(Math.random() * 2 ** 48);
}
