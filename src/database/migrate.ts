import type { DataSource, QueryRunner } from 'typeorm';
import { connect, type DatabaseOptions, type Entities } from './data-source.js';
import { engineOf } from './engines/index.js';
import { LATCHKEY_MIGRATIONS, NEWEST_COLUMN } from './migrations/index.js';

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
    return await engineOf(dataSource).migrateAlone(dataSource, run);
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
