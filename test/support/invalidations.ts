import type { DataSource, QueryRunner } from 'typeorm';

const POWER = /^(UPDATE|DELETE FROM|INSERT INTO)\s+[`"]?(lk_users|lk_user_roles|lk_api_keys|lk_api_secrets)\b/i;
const NEW_USER = /^INSERT INTO\s+[`"]?lk_users\b/i;
const LAST_USE = /^UPDATE\s+\S+\s+SET last_used_at\b/i;
const INVALIDATION = /^INSERT INTO lk_invalidations\b/i;

/**
 * Has every transaction fail at its COMMIT that changes what a user may do and writes no invalidation: every node that has
 * cached the user would go on with what was.
 */
export function requireInvalidations(dataSource: DataSource): void {
  const watched = new WeakSet<QueryRunner>();
  const watch = (runner: QueryRunner): QueryRunner => {
    if (watched.has(runner)) return runner;
    watched.add(runner);
    const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
    let needs: string | undefined;
    runner.query = (async (...args: unknown[]) => {
      const sql = (args[0] as string).trim();
      if (/^(START|BEGIN)/i.test(sql)) needs = undefined;
      else if (INVALIDATION.test(sql) || NEW_USER.test(sql)) needs = '';
      else if (POWER.test(sql) && !LAST_USE.test(sql)) needs ??= sql;
      else if (/^COMMIT/i.test(sql) && needs)
        throw new Error(`This writes no invalidation (database/invalidations.ts): ${needs}`);
      return query(...args);
    }) as typeof runner.query;
    return runner;
  };
  const create = dataSource.createQueryRunner.bind(dataSource);
  dataSource.createQueryRunner = (...args) => watch(create(...args));
}
