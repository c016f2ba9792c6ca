import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addColumn, createTable } from './change-table.js';

const REVISION = '"lk_revision"';
/** The end of the trail, in the row that each change locks anyway. */
const COLUMNS = [
  '"audit_n" bigint NOT NULL DEFAULT 0',
  `"audit_hash" varchar(64) NOT NULL DEFAULT '${'0'.repeat(64)}'`,
  '"audit_at" bigint NOT NULL DEFAULT 0',
];

/** The audit trail begins with the next change. */
export class AuditTrail1770000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const column of COLUMNS) await addColumn(runner, REVISION, column);
    await createTable(runner, {
      name: '"lk_audit"',
      columns: `"n" bigint NOT NULL, "at" bigint NOT NULL, "event" varchar(30) NOT NULL, "actor" varchar(140) NOT NULL,
        "credential" varchar(36), "subject" varchar(140), "api_key" varchar(140), "secret_id" varchar(36),
        "address" varchar(64), "user_agent" varchar(120), "request_id" varchar(64), "details" text NOT NULL,
        "hash" varchar(64) NOT NULL, PRIMARY KEY ("n")`,
      indices: [
        'INDEX "lk_audit_at" ("at", "n")',
        'INDEX "lk_audit_event" ("event", "n")',
        'INDEX "lk_audit_actor" ("actor", "n")',
        'INDEX "lk_audit_credential" ("credential", "n")',
        'INDEX "lk_audit_subject" ("subject", "n")',
        'INDEX "lk_audit_api_key" ("api_key", "n")',
        'INDEX "lk_audit_secret" ("secret_id", "n")',
        'INDEX "lk_audit_address" ("address", "n")',
      ],
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE lk_audit');
    for (const column of COLUMNS.toReversed()) {
      await runner.query(`ALTER TABLE ${REVISION} DROP COLUMN ${column.split(' ')[0]}`.replaceAll('"', ''));
    }
  }
}
