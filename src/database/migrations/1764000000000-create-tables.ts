import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTable, isMysql, type Table } from './create-table.js';

const TABLES: Table[] = [
  {
    name: '"lk_users"',
    columns: `"id" varchar(36) NOT NULL, "name" varchar(140) NOT NULL, "full_name" varchar(140) NOT NULL,
      "enabled" boolean NOT NULL, "version" integer NOT NULL, "created_at" bigint NOT NULL,
      "updated_at" bigint NOT NULL, PRIMARY KEY ("id")`,
    indices: ['UNIQUE INDEX "lk_users_name" ("name")', 'INDEX "lk_users_created" ("created_at", "id")'],
  },
  {
    name: '"lk_roles"',
    columns: `"name" varchar(140) NOT NULL, PRIMARY KEY ("name")`,
    indices: [],
  },
  {
    name: '"lk_user_roles"',
    columns: `"user_id" varchar(36) NOT NULL, "role" varchar(140) NOT NULL, PRIMARY KEY ("user_id", "role"),
      CONSTRAINT "lk_user_roles_user_fk" FOREIGN KEY ("user_id") REFERENCES "lk_users" ("id") ON DELETE CASCADE ON UPDATE NO ACTION,
      CONSTRAINT "lk_user_roles_role_fk" FOREIGN KEY ("role") REFERENCES "lk_roles" ("name") ON DELETE NO ACTION ON UPDATE NO ACTION`,
    indices: ['INDEX "lk_user_roles_role" ("role")'],
  },
  {
    name: '"lk_api_keys"',
    columns: `"api_key" varchar(140) NOT NULL, "user_id" varchar(36), "created_at" bigint NOT NULL,
      "created_by" varchar(140) NOT NULL, PRIMARY KEY ("api_key"),
      CONSTRAINT "lk_api_keys_user_fk" FOREIGN KEY ("user_id") REFERENCES "lk_users" ("id") ON DELETE SET NULL ON UPDATE NO ACTION`,
    indices: ['UNIQUE INDEX "lk_api_keys_user" ("user_id")', 'INDEX "lk_api_keys_created" ("created_at", "api_key")'],
  },
  {
    name: '"lk_api_secrets"',
    columns: `"id" varchar(36) NOT NULL, "api_key" varchar(140) NOT NULL, "algorithm" varchar(20) NOT NULL,
      "digest" varchar(255) NOT NULL, "hint" varchar(4) NOT NULL, "created_at" bigint NOT NULL,
      "created_by" varchar(140) NOT NULL, "expires_at" bigint, "revoked_at" bigint, PRIMARY KEY ("id"),
      CONSTRAINT "lk_api_secrets_api_key_fk" FOREIGN KEY ("api_key") REFERENCES "lk_api_keys" ("api_key") ON DELETE NO ACTION ON UPDATE NO ACTION`,
    indices: ['INDEX "lk_api_secrets_api_key" ("api_key")'],
  },
];

/**
 * Every statement can be repeated, since MySQL ends a transaction at each CREATE: a run that was cut off is finished by
 * the next. What a foreign key does is spelled out, since MariaDB's defaults read back as other words than MySQL's.
 */
export class CreateTables1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const run = (sql: string) => runner.query(isMysql(runner) ? sql.replaceAll('"', '`') : sql);
    for (const table of TABLES) await createTable(runner, table);
    const now = Date.now();
    const unless = (table: string, column: string, value: string) =>
      `WHERE NOT EXISTS (SELECT 1 FROM "${table}" WHERE "${column}" = '${value}')`;
    await run(`INSERT INTO "lk_roles" ("name")
      SELECT * FROM (SELECT 'System Manager') AS r ${unless('lk_roles', 'name', 'System Manager')}`);
    await run(`INSERT INTO "lk_users" ("id", "name", "full_name", "enabled", "version", "created_at", "updated_at")
      SELECT * FROM (SELECT 'Administrator' AS a, 'Administrator' AS b, 'Administrator' AS c, 1 AS d, 1 AS e,
        ${now} AS f, ${now} AS g) AS u ${unless('lk_users', 'id', 'Administrator')}`);
    await run(`INSERT INTO "lk_user_roles" ("user_id", "role")
      SELECT * FROM (SELECT 'Administrator' AS a, 'System Manager' AS b) AS r
      ${unless('lk_user_roles', 'user_id', 'Administrator')}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of TABLES.toReversed()) await runner.query(`DROP TABLE ${name.replaceAll('"', '')}`);
  }
}
