import type { QueryRunner } from 'typeorm';

export interface Table {
  /** Quoted as in SQL, like all names in here: TypeORM reads the names of SQLite's constraints out of their SQL. */
  readonly name: string;
  readonly columns: string;
  /** As in `UNIQUE INDEX "name" ("column")`. */
  readonly indices: readonly string[];
}

export function isMysql(runner: QueryRunner): boolean {
  return ['mysql', 'mariadb'].includes(runner.dataSource.options.type);
}

/**
 * Makes a table that is not there yet. An index is made with its table on MySQL, which has no CREATE INDEX IF NOT EXISTS.
 * All text compares byte by byte (utf8mb4_bin), so that names and keys are exact on every engine.
 */
export async function createTable(runner: QueryRunner, { name, columns, indices }: Table): Promise<void> {
  if (isMysql(runner)) {
    const tail = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';
    const sql = `CREATE TABLE IF NOT EXISTS ${name} (${[columns, ...indices].join(', ')}) ${tail}`;
    await runner.query(sql.replaceAll('"', '`'));
    return;
  }
  await runner.query(`CREATE TABLE IF NOT EXISTS ${name} (${columns})`);
  for (const index of indices) await createIndex(runner, name, index);
}

async function createIndex(runner: QueryRunner, table: string, index: string): Promise<void> {
  await runner.query(`CREATE ${index.replace('INDEX', 'INDEX IF NOT EXISTS').replace(' (', ` ON ${table} (`)}`);
}

async function run(runner: QueryRunner, sql: string): Promise<void> {
  await runner.query(isMysql(runner) ? sql.replaceAll('"', '`') : sql);
}

/** Adds a column that is not there yet. @param column as in `"name" varchar(60) NOT NULL`. */
export async function addColumn(runner: QueryRunner, table: string, column: string): Promise<void> {
  const [name = ''] = column.split(' ');
  if (await runner.hasColumn(table.replaceAll('"', ''), name.replaceAll('"', ''))) return;
  await run(runner, `ALTER TABLE ${table} ADD COLUMN ${column}`);
}

/** Adds an index that is not there yet. @param index as in `INDEX "name" ("column")`. */
export async function addIndex(runner: QueryRunner, table: string, index: string): Promise<void> {
  if (!isMysql(runner)) return createIndex(runner, table, index);
  const [, name] = /"(.+?)"/.exec(index)!;
  const sql =
    'SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? AND index_name = ?';
  const found = (await runner.query(sql, [table.replaceAll('"', ''), name])) as unknown[];
  if (found.length === 0) await run(runner, `ALTER TABLE ${table} ADD ${index}`);
}
