import type { MigrationInterface, QueryRunner } from 'typeorm';
import { engineOf } from '../engines/index.js';
import { addColumn, createTable } from './change-table.js';

const SECRETS = '"lk_api_secrets"';

/** How often secrets are used, and how often they may be. No secret that is there gets a limit. */
export class UsageAndLimits1773000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await createTable(runner, {
      name: '"lk_usage"',
      columns: `"secret_id" varchar(36) NOT NULL, "by_day" smallint NOT NULL, "starts_at" bigint NOT NULL,
        "api_key" varchar(140) NOT NULL, "accepted" bigint NOT NULL, "limited" bigint NOT NULL,
        PRIMARY KEY ("secret_id", "by_day", "starts_at")`,
      indices: [
        'INDEX "lk_usage_api_key" ("api_key", "starts_at")',
        'INDEX "lk_usage_age" ("by_day", "starts_at", "secret_id")',
      ],
    });
    await createTable(runner, {
      name: '"lk_usage_writers"',
      columns: '"id" varchar(36) NOT NULL, "n" bigint NOT NULL, "at" bigint NOT NULL, PRIMARY KEY ("id")',
      indices: ['INDEX "lk_usage_writers_at" ("at")'],
    });
    // The row that processes lock which tidy up.
    const { sql } = engineOf(runner.dataSource);
    await runner.query(sql.insertNew("lk_usage_writers (id, n, at) VALUES ('*', 0, 0)"));
    await createTable(runner, {
      name: '"lk_shares"',
      columns: `"api_key" varchar(140) NOT NULL, "name" varchar(60) NOT NULL, "seconds" integer NOT NULL,
        "ends_at" bigint NOT NULL, "used" bigint NOT NULL, "reached_at" bigint NOT NULL,
        PRIMARY KEY ("api_key", "name", "seconds")`,
      indices: ['INDEX "lk_shares_ends_at" ("ends_at")'],
    });
    await addColumn(runner, SECRETS, '"limits" text');
  }

  /** A secret that had limits is good without them to the version before, so it is revoked. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `UPDATE lk_api_secrets SET revoked_at = ?, revoked_by = 'command' WHERE revoked_at IS NULL AND limits IS NOT NULL`,
      [Date.now()],
    );
    await runner.query(`ALTER TABLE ${SECRETS} DROP COLUMN limits`.replaceAll('"', ''));
    for (const table of ['lk_shares', 'lk_usage_writers', 'lk_usage']) await runner.query(`DROP TABLE ${table}`);
  }
}
