import type { DataSource, QueryRunner } from 'typeorm';
import { connect, type DatabaseOptions, type Entities } from './data-source.js';
import { LATCHKEY_MIGRATIONS, NEWEST_COLUMN } from './migrations/index.js';

const LOCK_WAIT_SECONDS = 60;
const MIGRATION_TIMEOUT_MS = 10 * 60_000;

/**
 * Brings the tables up to date, on a connection of its own, under a lock for which other processes wait. A run that was
 * interrupted is finished by the next one.
 * @returns the names of the migrations that ran; empty when there was nothing to do, and where a host keeps the tables.
 */
export async function migrate(options: DatabaseOptions, entities: Entities): Promise<string[]> {
  const dataSource = await connect({ ...options, poolSize: 2, queryTimeoutMs: MIGRATION_TIMEOUT_MS }, entities);
  try {
    const run = async () => {
      const pending = await pendingMigrations(dataSource);
      if (pending.length > 0) await dataSource.runMigrations({ transaction: 'none' });
      return pending;
    };
    return await (dataSource.options.type === 'better-sqlite3'
      ? lockedSqlite(dataSource, run)
      : lockedMysql(dataSource, run));
  } finally {
    await dataSource.destroy();
  }
}

/** True when the tables exist and our list of migrations does not: a host's DataSource has made them, and keeps them. */
async function isKeptByHost(runner: QueryRunner): Promise<boolean> {
  return (await runner.hasTable('lk_users')) && !(await runner.hasTable('lk_migrations'));
}

/**
 * What is wrong with tables that a host keeps: a sentence, also when there are no tables at all. Undefined when they
 * are up to date.
 */
export async function hostProblem(dataSource: DataSource): Promise<string | undefined> {
  const runner = dataSource.createQueryRunner();
  try {
    const { table, column } = NEWEST_COLUMN;
    if ((await runner.hasTable(table)) && (await runner.hasColumn(table, column))) return undefined;
    return "Latchkey's tables are missing or not up to date: list LATCHKEY_MIGRATIONS in the migrations of the app that keeps them, and run them.";
  } finally {
    await runner.release();
  }
}

/** The names of the migrations that the database still lacks; none where a host keeps the tables. */
export async function pendingMigrations(dataSource: DataSource): Promise<string[]> {
  const runner = dataSource.createQueryRunner();
  try {
    if (await isKeptByHost(runner)) return [];
    const rows = (await runner.hasTable('lk_migrations')) ? await runner.query('SELECT name FROM lk_migrations') : [];
    const done = new Set((rows as { name: string }[]).map(({ name }) => name));
    return LATCHKEY_MIGRATIONS.map(({ name }) => name).filter((name) => !done.has(name));
  } finally {
    await runner.release();
  }
}

/** SQLite rolls CREATE back with the transaction, so here a run is all or nothing. */
async function lockedSqlite<T>(dataSource: DataSource, run: () => Promise<T>): Promise<T> {
  // Nothing is served yet, so to block is no harm.
  await dataSource.query(`PRAGMA busy_timeout = ${LOCK_WAIT_SECONDS * 1000}`);
  await dataSource.query('BEGIN IMMEDIATE');
  try {
    const result = await run();
    await dataSource.query('COMMIT');
    return result;
  } catch (error) {
    await dataSource.query('ROLLBACK').catch(() => undefined); // the first error tells more
    throw error;
  }
}

async function lockedMysql<T>(dataSource: DataSource, run: () => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner(); // the lock belongs to its connection
  const name = `lk_migrate:${dataSource.driver.database}`.slice(0, 64);
  try {
    const [row] = await runner.query('SELECT GET_LOCK(?, ?) AS held', [name, LOCK_WAIT_SECONDS]);
    if (Number(row.held) !== 1)
      throw new Error(`another process has held the migration lock for ${LOCK_WAIT_SECONDS} s`);
    const result = await run();
    await runner.query('SELECT RELEASE_LOCK(?)', [name]);
    return result;
  } finally {
    await runner.release();
  }
}
