import { ENGINE, type TestApp } from './app.js';

/**
 * How many rows and index entries the engine reads for `ask`. SQLite doesn't count, so there it is rows of `table` alone:
 * those that its index, or a scan, brings up, before any other condition is looked at.
 */
export async function rowsReadBy(
  { dataSource }: TestApp,
  table: 'lk_users' | 'lk_api_keys' | 'lk_api_secrets' | 'lk_audit',
  ask: () => Promise<unknown>,
): Promise<number> {
  if (ENGINE !== 'sqlite') {
    const read = async () => {
      const rows: { Value: string }[] = await dataSource.query("SHOW SESSION STATUS LIKE 'Handler_read%'");
      return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
    };
    const first = await read();
    const before = await read();
    await ask();
    return (await read()) - before - (before - first); // less what the counting itself reads
  }
  let count = 0;
  const { databaseConnection } = dataSource.driver as unknown as {
    databaseConnection: { db: { function(name: string, seen: (id: unknown) => number): void } };
  };
  databaseConnection.db.function('seen', (_id) => ++count); // the driver asks how many parameters it names
  const id = table === 'lk_api_keys' ? 'api_key' : table === 'lk_audit' ? 'n' : 'id';
  // It hides the table of that name. SQLite merges its condition with the query's, and puts it before them.
  await dataSource.query(`CREATE TEMP VIEW ${table} AS SELECT * FROM main.${table} WHERE seen(${id})`);
  await ask().finally(() => dataSource.query(`DROP VIEW temp.${table}`));
  return count;
}
