import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DataSource } from 'typeorm';
import { databaseProblem, messageOf, whereIs } from './access-problem.js';
import { clockDifference, readClock } from './clock.js';
import { connect, type DatabaseOptions, dataSourceOptions } from './data-source.js';
import { parseDatabaseUrl } from './database-url.js';
import { durabilityProblems, sessionProblems } from './durability.js';
import { hostProblem, pendingMigrations } from './migrate.js';
import { ENGINE_NAMES, engineOf, versionProblem } from './server-version.js';
import type { SqliteDatabase } from './sqlite.driver.js';

interface Finding {
  readonly ok: boolean;
  /** What was found and, where it is a problem, what to do. Never contains a password. */
  readonly message: string;
}

/** One thing that was checked. */
export interface Check extends Finding {
  readonly check: string;
}

const MAX_CLOCK_DIFFERENCE_MS = 1000;

/**
 * Checks whether a database is fit for use. It creates and changes nothing, and needs no tables.
 * @returns the findings, in order; only the first one when the database can't be opened. An error of the database is a
 * finding.
 */
export async function checkDatabase(options: DatabaseOptions): Promise<Check[]> {
  const target = parseDatabaseUrl(options.url);
  return target.type === 'sqlite' ? checkFile(options, resolve(target.path)) : checkServer(options, target);
}

type Server = Exclude<ReturnType<typeof parseDatabaseUrl>, { type: 'sqlite' }>;

async function checkServer(options: DatabaseOptions, target: Server): Promise<Check[]> {
  const { type } = target;
  const where = whereIs(target);
  let dataSource: DataSource;
  try {
    dataSource = await connect({ ...options, poolSize: 2 }, []);
  } catch (error) {
    return [{ check: 'reachable', ok: false, message: problemOf(error, options) }];
  }
  return runInTurn(dataSource, {
    reachable: async () => finding([], where),
    version: async () => {
      const [{ version }] = await dataSource.query('SELECT VERSION() AS version');
      const name = `${ENGINE_NAMES[engineOf(version)]} ${version}`;
      const problem = versionProblem(type, version);
      return finding(problem ? [`${name}: ${problem}`] : [], name);
    },
    schema: () => schema(dataSource),
    durability: async () => finding(await durabilityProblems(dataSource), 'a commit is on disk when it returns'),
    session: async () => finding(await sessionProblems(dataSource), 'autocommit and quoting are as needed'),
    clock: async () => {
      const difference = clockDifference(await readClock(dataSource));
      const seconds = `${(Math.abs(difference) / 1000).toFixed(1)} s ${difference < 0 ? 'behind' : 'ahead of'}`;
      const problem = `the database's clock is ${seconds} this machine's; set both by NTP.`;
      return finding(Math.abs(difference) > MAX_CLOCK_DIFFERENCE_MS ? [problem] : [], "within 1 s of this machine's");
    },
  });
}

async function checkFile(options: DatabaseOptions, path: string): Promise<Check[]> {
  if (!existsSync(path)) {
    const remedy = 'correct DATABASE_URL, or make it with "latchkey migrate"';
    return [{ check: 'file', ok: false, message: `${path}: there is no such file; ${remedy}.` }];
  }
  // As on every connection of Latchkey, but without WAL mode: that would be written to the file.
  const prepareDatabase = (db: SqliteDatabase) => void db.pragma('synchronous = FULL');
  const dataSource = new DataSource({ ...dataSourceOptions(options, []), prepareDatabase } as never);
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    accessSync(dirname(path), constants.W_OK); // SQLite keeps its log beside the file
    await dataSource.initialize();
    await dataSource.query('PRAGMA schema_version');
  } catch (error) {
    if (dataSource.isInitialized) await dataSource.destroy();
    return [{ check: 'file', ok: false, message: problemOf(error, options) }];
  }
  return runInTurn(dataSource, {
    file: async () => finding([], path),
    version: async () => finding([], `SQLite ${(await dataSource.query('SELECT sqlite_version() AS v'))[0].v}`),
    schema: () => schema(dataSource),
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
  });
}

/** Runs the probes one after another, then closes the DataSource. */
async function runInTurn(dataSource: DataSource, probes: Record<string, () => Promise<Finding>>): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [check, probe] of Object.entries(probes)) {
    // An error of the probe is the finding.
    const failed = (error: unknown) => ({ ok: false, message: `could not be checked: ${messageOf(error)}.` });
    checks.push({ check, ...(await probe().catch(failed)) });
  }
  await dataSource.destroy();
  return checks;
}

function finding(problems: readonly string[], fine: string): Finding {
  return { ok: problems.length === 0, message: problems.join(' ') || fine };
}

async function schema(dataSource: DataSource): Promise<Finding> {
  const missing = await pendingMigrations(dataSource);
  if (missing.length > 0) return finding([`the tables lack ${missing.join(', ')}; run "latchkey migrate".`], '');
  const problem = await hostProblem(dataSource);
  return finding(problem === undefined ? [] : [problem], 'the tables are up to date');
}

/** Why the database can't be opened, and what to do. */
function problemOf(error: unknown, { url }: DatabaseOptions): string {
  const remedy = 'see whether DATABASE_URL and the other DATABASE_ variables are right';
  return databaseProblem(error, url) ?? `${whereIs(parseDatabaseUrl(url))}: ${messageOf(error)}; ${remedy}.`;
}
