import { record } from '../../src/audit/trail.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { openDataSource } from '../../src/database/data-source.js';
import { engineOf } from '../../src/database/engines/index.js';
import { LATCHKEY_MIGRATIONS } from '../../src/database/migrations/index.js';
import { migrate, pendingMigrations } from '../../src/database/migrate.js';
import { Database } from '../../src/database/database.js';
import { Lease } from '../../src/revocation/lease.js';
import { lockUser } from '../../src/users/user-rows.js';
import { LATCHKEY_ENTITIES } from '../../src/entities.js';
import { OPERATOR } from '../../src/users/principal.js';
import { ENGINE, freshDatabase, startApp, type TestApp, type TestDatabase } from '../support/app.js';

const ALL = LATCHKEY_MIGRATIONS.map(({ name }) => name);

let database: TestDatabase;
let dataSource: DataSource | undefined;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(async () => {
  await dataSource?.destroy();
  await database.remove();
});

describe('migrations', () => {
  it('run once, from however many processes at once', async () => {
    const runs = await Promise.all(Array.from({ length: 5 }, () => migrate({ url: database.url }, LATCHKEY_ENTITIES)));
    expect(runs.flat()).toEqual(ALL);
    expect(await migrate({ url: database.url }, LATCHKEY_ENTITIES)).toEqual([]);
    dataSource = await openDataSource({ url: database.url }, LATCHKEY_ENTITIES);
    expect(await pendingMigrations(dataSource)).toEqual([]);
    expect(await dataSource.query('SELECT name FROM lk_migrations')).toHaveLength(ALL.length);
  });

  it('leave the schema that the entities say', async () => {
    const { upQueries } = await dataSource!.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('finish what a run that was cut off has left', async () => {
    await dataSource!.query('DROP TABLE lk_api_secrets');
    await dataSource!.query('DELETE FROM lk_user_roles');
    await dataSource!.query('DELETE FROM lk_migrations');
    expect(await pendingMigrations(dataSource!)).toEqual(ALL);
    await migrate({ url: database.url }, LATCHKEY_ENTITIES);
    expect((await dataSource!.driver.createSchemaBuilder().log()).upQueries).toEqual([]);
    const rows = await dataSource!.query('SELECT name, role FROM lk_users JOIN lk_user_roles ON user_id = id');
    expect(rows.map((row: object) => ({ ...row }))).toEqual([{ name: 'Administrator', role: 'System Manager' }]);
  });

  it('finish a run that was cut off between the first invalidation and the counter', async () => {
    await dataSource!.query('DELETE FROM lk_revision');
    await dataSource!.query('DELETE FROM lk_migrations');
    await migrate({ url: database.url }, LATCHKEY_ENTITIES);
    const rows: { n: number | string; same: number | string }[] = await dataSource!.query(
      'SELECT i.n, i.tag = r.tag AS same FROM lk_invalidations i JOIN lk_revision r ON r.id = 1',
    );
    expect(rows.map(({ n, same }) => [Number(n), Number(same)])).toEqual([[0, 1]]);
  });

  it('are asked for when they are missing and the start may not run them', async () => {
    const empty = await freshDatabase();
    await expect(startApp({ migrateOnStart: false }, empty)).rejects.toThrow('run "latchkey migrate" first');
    await empty.remove();
  });
});

describe('durability', () => {
  it('is checked at the start', async () => {
    const problems = await engineOf(dataSource!).durabilityProblems(dataSource!);
    if (ENGINE === 'sqlite') {
      expect(problems).toEqual([]);
      await dataSource!.query('PRAGMA synchronous = NORMAL');
      expect(await engineOf(dataSource!).durabilityProblems(dataSource!)).toEqual([
        'synchronous is 1; set PRAGMA synchronous = FULL.',
      ]);
      expect(await dataSource!.query('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    } else {
      const [{ value }] = await dataSource!.query('SELECT @@innodb_flush_log_at_trx_commit AS value');
      expect(problems.some((problem) => problem.startsWith('innodb_flush_log_at_trx_commit'))).toBe(
        Number(value) !== 1,
      );
    }
  });
});

describe('a start on a database that does not keep what it acknowledges', () => {
  it('is warned of, and no other', async () => {
    const latchkey = await startApp();
    const problems = await engineOf(latchkey.dataSource).durabilityProblems(latchkey.dataSource);
    const warnings = latchkey.log.filter(({ level, context }) => level === 'warn' && context === 'Database');
    expect(warnings.map(({ msg }) => msg)).toEqual(
      problems.map((problem) => `A crash of the database can lose acknowledged changes: ${problem}`),
    );
    await latchkey.close();
  });
});

describe('a verify', () => {
  let latchkey: TestApp;
  beforeAll(async () => {
    // Statements are counted on one connection.
    latchkey = await startApp({ database: { url: database.url, poolSize: 1 } }, database);
  });
  afterAll(() => latchkey.close());

  it("is no query where the key is known, else one, by the database's own counters", async () => {
    const { token } = await latchkey.key(['System Manager']);
    const call = () => latchkey.call('GET', '/v1/me', { auth: token });
    const count = queryCounter(latchkey.dataSource);
    const lease = latchkey.app.get(Lease);
    Object.assign(lease, { schedule: () => undefined }); // no poll but this one
    clearTimeout((lease as unknown as { timer: NodeJS.Timeout }).timer);
    await lease.renew(performance.now());
    await call();
    const before = await count();
    for (let i = 0; i < 10; i++) expect((await call()).status).toBe(200);
    const after = await count();
    await latchkey.call('GET', '/v1/me', { auth: 'token lk_unknown:x' });
    expect([after - before, (await count()) - after]).toEqual([0, 1]);
  });
});

/** How many statements the database has run for us so far, less the counting itself. */
function queryCounter(observed: DataSource): () => Promise<number> {
  if (ENGINE === 'sqlite') {
    // SQLite runs inside this process: its statements are counted where they are started.
    let all = 0;
    const runner = observed.createQueryRunner();
    const query = runner.query.bind(runner);
    runner.query = ((...args: Parameters<typeof query>) => (all++, query(...args))) as typeof query;
    return async () => all;
  }
  let own = 0;
  return async () => {
    const rows = await observed.query("SHOW SESSION STATUS LIKE 'Questions'");
    return Number(rows[0].Value) - ++own;
  };
}

describe('two changes that wait for each other', () => {
  it('both happen: the one that is given up is run again', async () => {
    const latchkey = await startApp();
    const changes = latchkey.app.get(Database);
    const [a, b] = [(await latchkey.key()).user, (await latchkey.key()).user];
    let attempts = 0;
    let open = () => {};
    const bothHold = new Promise<void>((resolve) => (open = resolve));
    const swap = (first: string, second: string) =>
      changes.change({ name: first, takesPower: false }, async (manager) => {
        await lockUser(manager, first);
        // On SQLite the second waits for the end of the first.
        if (++attempts === 2 || ENGINE === 'sqlite') open();
        await bothHold;
        await lockUser(manager, second);
        record(manager, OPERATOR, 'user.renamed', { subject: first });
      });
    await Promise.all([swap(a, b), swap(b, a)]);
    const rows = await latchkey.dataSource.query(
      "SELECT subject FROM lk_audit WHERE event = 'user.renamed' ORDER BY n",
    );
    expect(rows.map(({ subject }: { subject: string }) => subject).toSorted()).toEqual([a, b].toSorted()); // once each
    if (ENGINE === 'sqlite')
      expect(attempts).toBe(2); // one after the other
    else expect(attempts).toBeGreaterThan(2);
    await latchkey.close();
  });
});

describe('a hundred transactions at once, some of which fail', () => {
  it('leave every acknowledged row, and no other', async () => {
    const latchkey = await startApp();
    const { manager } = latchkey.dataSource;
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, (_, i) =>
        latchkey.dataSource.transaction(async (inner) => {
          await inner.query('INSERT INTO lk_roles (name) VALUES (?)', [`Role ${i} a`]);
          await new Promise((resolve) => setImmediate(resolve));
          await inner.query('INSERT INTO lk_roles (name) VALUES (?)', [`Role ${i} b`]);
          if (i % 3 === 0) throw new Error('rolled back');
        }),
      ),
    );
    const outside = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => manager.query('INSERT INTO lk_roles (name) VALUES (?)', [`Outside ${i}`])),
    );
    expect(outside.every(({ status }) => status === 'fulfilled')).toBe(true);
    const acknowledged = results.flatMap(({ status }, i) =>
      status === 'fulfilled' ? [`Role ${i} a`, `Role ${i} b`] : [],
    );
    expect(acknowledged).toHaveLength(132);
    const rows: { name: string }[] = await latchkey.dataSource.query(
      "SELECT name FROM lk_roles WHERE name LIKE 'Role%'",
    );
    expect(rows.map(({ name }) => name).toSorted()).toEqual(acknowledged.toSorted());
    await latchkey.close();
  });
});
