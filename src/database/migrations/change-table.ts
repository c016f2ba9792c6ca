import type { QueryRunner } from 'typeorm';
import { engineOf } from '../engines/index.js';

export interface Table {
  /** Quoted as in SQL, like all names in here: TypeORM reads the names of SQLite's constraints out of their SQL. */
  readonly name: string;
  readonly columns: string;
  /** As in `UNIQUE INDEX "name" ("column")`. */
  readonly indices: readonly string[];
}

/** Makes a table that is not there yet, with its indexes. All text compares byte by byte: names and keys are exact. */
export async function createTable(runner: QueryRunner, table: Table): Promise<void> {
  await engineOf(runner.dataSource).createTable(runner, table);
}

/** Runs a statement with its names in double quotes. */
export async function run(runner: QueryRunner, sql: string): Promise<void> {
  await runner.query(engineOf(runner.dataSource).quoted(sql));
}

/** Adds a column that is not there yet. @param column as in `"name" varchar(60) NOT NULL`. */
export async function addColumn(runner: QueryRunner, table: string, column: string): Promise<void> {
  const [name = ''] = column.split(' ');
  if (await runner.hasColumn(table.replaceAll('"', ''), name.replaceAll('"', ''))) return;
  await run(runner, `ALTER TABLE ${table} ADD COLUMN ${column}`);
}

/** Adds an index that is not there yet. @param index as in `INDEX "name" ("column")`. */
export async function addIndex(runner: QueryRunner, table: string, index: string): Promise<void> {
  await engineOf(runner.dataSource).addIndex(runner, table, index);
}
