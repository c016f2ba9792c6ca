import type { DataSource } from 'typeorm';
import { databaseProblem, whereIs } from './access-problem.js';
import type { DatabaseOptions } from './data-source.js';
import { parseDatabaseUrl } from './database-url.js';
import { messageOf } from './driver-error.js';
import { type Finding, isFile, type Probes, type Target } from './engines/engine.js';
import { finding, Unfit } from './engines/findings.js';
import { hostProblem, pendingMigrations } from './migrate.js';

/** One thing that was checked. */
export interface Check extends Finding {
  readonly check: string;
}

/**
 * Checks whether a database is fit for use. It creates and changes nothing, and needs no tables.
 * @returns the findings, in order; only the first one when the database can't be opened. An error of the database is a
 * finding.
 */
export async function checkDatabase(options: DatabaseOptions): Promise<Check[]> {
  const target = parseDatabaseUrl(options.url);
  const { engine } = target;
  const first = isFile(target) ? 'file' : 'reachable';
  let dataSource: DataSource;
  try {
    dataSource = await engine.openToCheck(target, options);
  } catch (error) {
    return [{ check: first, ok: false, message: problemOf(error, target, options) }];
  }
  const { version, ...others } = engine.probes(dataSource, target);
  return runInTurn(dataSource, {
    [first]: async () => finding([], whereIs(target)),
    version: version!,
    schema: () => schema(dataSource),
    ...others,
  });
}

/** Runs the probes one after another, then closes the DataSource. */
async function runInTurn(dataSource: DataSource, probes: Probes): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [check, probe] of Object.entries(probes)) {
    // An error of the probe is the finding.
    const failed = (error: unknown) => ({ ok: false, message: `could not be checked: ${messageOf(error)}.` });
    checks.push({ check, ...(await probe().catch(failed)) });
  }
  await dataSource.destroy();
  return checks;
}

async function schema(dataSource: DataSource): Promise<Finding> {
  const missing = await pendingMigrations(dataSource);
  if (missing.length > 0) return finding([`the tables lack ${missing.join(', ')}; run "latchkey migrate".`], '');
  const problem = await hostProblem(dataSource);
  return finding(problem === undefined ? [] : [problem], 'the tables are up to date');
}

/** Why the database can't be opened, and what to do. */
function problemOf(error: unknown, target: Target, { url }: DatabaseOptions): string {
  if (error instanceof Unfit) return error.message;
  const remedy = 'see whether DATABASE_URL and the other DATABASE_ variables are right';
  return databaseProblem(error, url) ?? `${whereIs(target)}: ${messageOf(error)}; ${remedy}.`;
}
