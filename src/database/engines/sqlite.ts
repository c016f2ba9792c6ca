import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DataSource, type QueryRunner } from 'typeorm';
import type { DriverError } from '../driver-error.js';
import type { Dialect, Engine, Errors, FileTarget, Opened, Probes, Target } from './engine.js';
import { finding, Unfit } from './findings.js';
import { SqliteDatabase } from './sqlite.driver.js';
import { serialise } from './sqlite.serialise.js';

const BUSY_BLOCK_MS = 20;
const FIRST_START_MS = 5000;
const LOCK_WAIT_MS = 60_000;

const sql: Dialect = {
  // A double of days has room for a tenth of a millisecond.
  now: "CAST((julianday('now') - 2440587.5) * 86400000 + 0.5 AS INTEGER)",
  forUpdate: '',
  forShare: '',
  jsonArray: 'json_group_array',
  insertNew: (into) => `INSERT OR IGNORE INTO ${into}`,
  addTo: (table, key, columns) =>
    `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${columns.map((column) => `${column} = ${table}.${column} + excluded.${column}`).join(', ')}`,
  updateTelling: (table, column, expression, rest) =>
    `UPDATE ${table} SET ${column} = ${expression}, ${rest} RETURNING ${column} AS told`,
};

/** Primary result codes (https://www.sqlite.org/rescode.html): busy, locked, read-only, I/O error, full, can't open. */
const UNAVAILABLE = new Set([5, 6, 8, 10, 13, 14]);
const DUPLICATE = new Set([1555, 2067]);
const primary = (errcode = 0) => errcode & 0xff;

const errors: Errors = {
  isUnavailable: ({ errcode }) => UNAVAILABLE.has(primary(errcode)),
  isRetryable: () => false,
  isBusy: ({ errcode }) => primary(errcode) === 5,
  isConnectionLost: () => false,
  isForeignKey: ({ errcode }) => errcode === 787,
  isDuplicate: ({ errcode = 0 }) => DUPLICATE.has(errcode),
};

/** Primary result codes. */
const REMEDIES: Readonly<Record<number, string>> = {
  5: 'another program is writing to it: wait until it has ended, or end it',
  11: 'stop whatever uses it, and restore a backup',
  13: 'make room on its disk',
  26: 'correct DATABASE_URL, or move that file away',
};
/** No permission, read-only, I/O error, can't open. */
const NOT_WRITABLE = new Set([3, 8, 10, 14]);

function remedy({ errcode, path: failed }: DriverError, target: Target): string | undefined {
  const path = pathOf(target);
  const known = errcode === undefined ? undefined : REMEDIES[primary(errcode)];
  const isFolder = failed !== undefined && path.startsWith(resolve(failed));
  if (known !== undefined || !(isFolder || (errcode !== undefined && NOT_WRITABLE.has(primary(errcode))))) return known;
  const user = process.getuid?.();
  const who = user === undefined ? 'this user' : `this user (uid ${user})`;
  const where = `the folder ${dirname(path)} and what is in it`;
  return `see that ${who} may write to ${where}, or set DATABASE_URL to another file`;
}

const pathOf = (target: Target) => resolve((target as FileTarget).path);

/** The part of TypeORM's driver that is used here (BetterSqlite3Driver.ts); it is protected. */
interface Driver {
  createDatabaseConnection(): Promise<{ prepare(sql: string): { all(): unknown[] }; close(): void }>;
}

async function connectAlone(dataSource: DataSource): Promise<Opened> {
  const { options, driver } = dataSource;
  // A database in memory belongs to the connection that made it; of other drivers nothing is cached (`untried`).
  if (options.type !== 'better-sqlite3' || options.database === ':memory:')
    return { query: (statement) => dataSource.query(statement), destroy: () => undefined };
  const database = await (driver as unknown as Driver).createDatabaseConnection();
  return {
    query: async (statement) => database.prepare(statement).all(),
    destroy: () => database.close(),
  };
}

async function durabilityProblems(dataSource: DataSource): Promise<string[]> {
  const [row] = await dataSource.query('PRAGMA synchronous');
  return row.synchronous >= 2 ? [] : [`synchronous is ${row.synchronous}; set PRAGMA synchronous = FULL.`];
}

function probes(dataSource: DataSource): Probes {
  return {
    version: async () => finding([], `SQLite ${(await dataSource.query('SELECT sqlite_version() AS v'))[0].v}`),
    journal: async () => {
      const [{ journal_mode: mode }] = await dataSource.query('PRAGMA journal_mode');
      const problem = `journal_mode is ${mode}; "latchkey migrate" makes it WAL when no other program has the file open.`;
      return finding(mode === 'wal' ? [] : [problem], 'WAL: readers and the writer do not wait for each other');
    },
    durability: async () => finding(await durabilityProblems(dataSource), 'a commit is on disk when it returns'),
    content: async () => {
      const [{ quick_check: result }] = await dataSource.query('PRAGMA quick_check(1)');
      const problem = `the file is damaged (${result}); stop the server and restore a backup.`;
      return finding(result === 'ok' ? [] : [problem], 'PRAGMA quick_check finds nothing');
    },
  };
}

async function openToCheck(target: Target, options: Parameters<Engine['openToCheck']>[1]): Promise<DataSource> {
  const path = pathOf(target);
  if (!existsSync(path)) {
    const todo = 'correct DATABASE_URL, or make it with "latchkey migrate"';
    throw new Unfit(`${path}: there is no such file; ${todo}.`);
  }
  // As on every connection of Latchkey, but without WAL mode: that would be written to the file.
  const prepareDatabase = (db: SqliteDatabase) => void db.pragma('synchronous = FULL');
  const dataSource = new DataSource({ ...sqlite.options(target, options), prepareDatabase } as never);
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    accessSync(dirname(path), constants.W_OK); // SQLite keeps its log beside the file
    await dataSource.initialize();
    await dataSource.query('PRAGMA schema_version');
    return dataSource;
  } catch (error) {
    if (dataSource.isInitialized) await dataSource.destroy();
    throw error;
  }
}

/** SQLite rolls CREATE back with the transaction, so here a run is all or nothing. */
async function migrateAlone<T>(dataSource: DataSource, run: () => Promise<T>): Promise<T> {
  // Nothing is served yet, so to block is no harm.
  await dataSource.query(`PRAGMA busy_timeout = ${LOCK_WAIT_MS}`);
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

async function addIndex(runner: QueryRunner, table: string, index: string): Promise<void> {
  await runner.query(`CREATE ${index.replace('INDEX', 'INDEX IF NOT EXISTS').replace(' (', ` ON ${table} (`)}`);
}

export const sqlite: Engine = {
  types: ['better-sqlite3'],
  schemes: ['sqlite'],
  examples: ['sqlite:path'],
  sql,
  errors,
  parse: (url) => {
    const path = url.slice('sqlite:'.length);
    if (path === '' || path.startsWith('//') || path.startsWith(':'))
      throw new Error('sqlite: needs a path, as in sqlite:data/latchkey.sqlite');
    return { engine: sqlite, path };
  },
  options: (target) => ({
    type: 'better-sqlite3',
    driver: SqliteDatabase,
    database: (target as FileTarget).path,
    // SQLite blocks this process while it waits for another one: only briefly, then Database.change tries again.
    timeout: BUSY_BLOCK_MS,
    // WAL with FULL: readers don't wait for the writer, and a commit is on disk when it returns.
    prepareDatabase: (db: SqliteDatabase) => {
      // When several processes start at once, one sets WAL mode and the others may wait: nothing is served yet.
      db.pragma(`busy_timeout = ${FIRST_START_MS}`);
      db.pragma('journal_mode = WAL');
      db.pragma(`busy_timeout = ${BUSY_BLOCK_MS}`);
      db.pragma('synchronous = FULL');
    },
  }),
  prepare: serialise,
  // SQLite answers at once, so no time-out is needed.
  select: (dataSource, statement, parameters) => dataSource.query(statement, parameters),
  write: async (dataSource, statement, parameters) => {
    const runner = dataSource.createQueryRunner(); // the one that everybody has
    const { affected, records } = await runner.query(statement, parameters, true);
    const rows = records as { told: number }[];
    return { affected: affected ?? rows.length, told: rows[0]?.told };
  },
  pool: () => undefined,
  connectAlone,
  topology: async () => ({ readOnly: '0' }),
  durabilityProblems,
  sessionProblems: async () => [],
  openToCheck,
  probes,
  remedy,
  migrateAlone,
  createTable: async (runner, { name, columns, indices }) => {
    await runner.query(`CREATE TABLE IF NOT EXISTS ${name} (${columns})`);
    for (const index of indices) await addIndex(runner, name, index);
  },
  addIndex,
  dropIndex: async (runner, _table, name) => void (await runner.query(`DROP INDEX ${name}`)),
  quoted: (statement) => statement,
};
