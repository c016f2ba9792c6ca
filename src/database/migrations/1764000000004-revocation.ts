import type { MigrationInterface, QueryRunner } from 'typeorm';
import { insertFirstInvalidation } from '../invalidations.js';
import { createTable, type Table } from './create-table.js';

const TABLES: Table[] = [
  {
    name: '"lk_invalidations"',
    columns: `"n" bigint NOT NULL, "user_id" varchar(36) NOT NULL, "tag" bigint NOT NULL, "made" bigint NOT NULL,
      PRIMARY KEY ("n", "user_id")`,
    indices: [],
  },
  {
    name: '"lk_revision"',
    columns: '"id" integer NOT NULL, "n" bigint NOT NULL, "tag" bigint NOT NULL, PRIMARY KEY ("id")',
    indices: [],
  },
];

/** What tells the nodes of each change of what users may do (docs/revocation.md). Repeatable, like every migration here. */
export class Revocation1764000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await createTable(runner, table);
    await insertFirstInvalidation(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of TABLES) await runner.query(`DROP TABLE ${name.replaceAll('"', '')}`);
  }
}
