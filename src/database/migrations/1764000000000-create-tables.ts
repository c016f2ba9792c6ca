import type { MigrationInterface, QueryRunner } from 'typeorm';
import { insertFirstInvalidation } from '../invalidations.js';
import { searchKeyOf } from '../search-key.js';
import { createTable, run as runSql, type Table } from './change-table.js';

const userFk = (name: string, onDelete: 'CASCADE' | 'SET NULL') =>
  `CONSTRAINT "${name}" FOREIGN KEY ("user_id") REFERENCES "lk_users" ("id") ON DELETE ${onDelete} ON UPDATE NO ACTION`;

const TABLES: Table[] = [
  {
    name: '"lk_users"',
    columns: `"id" varchar(36) NOT NULL, "name" varchar(140) NOT NULL, "full_name" varchar(140) NOT NULL,
      "full_name_key" varchar(140) NOT NULL DEFAULT '', "enabled" boolean NOT NULL, "version" integer NOT NULL,
      "created_at" bigint NOT NULL, "updated_at" bigint NOT NULL, PRIMARY KEY ("id")`,
    indices: [
      'UNIQUE INDEX "lk_users_name" ("name")',
      'INDEX "lk_users_created" ("created_at", "id")',
      'INDEX "lk_users_full_name" ("full_name_key", "id")',
      'INDEX "lk_users_enabled" ("enabled")',
    ],
  },
  {
    name: '"lk_user_words"',
    columns: `"user_id" varchar(36) NOT NULL, "word" varchar(140) NOT NULL, PRIMARY KEY ("user_id", "word"),
      ${userFk('lk_user_words_user_fk', 'CASCADE')}`,
    indices: ['INDEX "lk_user_words_word" ("word", "user_id")'],
  },
  {
    name: '"lk_roles"',
    columns: `"name" varchar(140) NOT NULL, PRIMARY KEY ("name")`,
    indices: [],
  },
  {
    name: '"lk_user_roles"',
    columns: `"user_id" varchar(36) NOT NULL, "role" varchar(140) NOT NULL, PRIMARY KEY ("user_id", "role"),
      ${userFk('lk_user_roles_user_fk', 'CASCADE')},
      CONSTRAINT "lk_user_roles_role_fk" FOREIGN KEY ("role") REFERENCES "lk_roles" ("name") ON DELETE NO ACTION ON UPDATE NO ACTION`,
    indices: ['INDEX "lk_user_roles_role" ("role")'],
  },
  {
    name: '"lk_api_keys"',
    columns: `"api_key" varchar(140) NOT NULL, "user_id" varchar(36), "created_at" bigint NOT NULL,
      "created_by" varchar(140) NOT NULL, "last_used_at" bigint, PRIMARY KEY ("api_key"),
      ${userFk('lk_api_keys_user_fk', 'SET NULL')}`,
    indices: [
      'UNIQUE INDEX "lk_api_keys_user" ("user_id")',
      'INDEX "lk_api_keys_created" ("created_at", "api_key")',
      'INDEX "lk_api_keys_used" ("last_used_at", "user_id")',
    ],
  },
  {
    name: '"lk_api_secrets"',
    columns: `"id" varchar(36) NOT NULL, "api_key" varchar(140) NOT NULL, "algorithm" varchar(20) NOT NULL,
      "digest" varchar(255) NOT NULL, "hint" varchar(4) NOT NULL, "created_at" bigint NOT NULL,
      "created_by" varchar(140) NOT NULL, "expires_at" bigint, "revoked_at" bigint, "revoked_by" varchar(140),
      "last_used_at" bigint, PRIMARY KEY ("id"),
      CONSTRAINT "lk_api_secrets_api_key_fk" FOREIGN KEY ("api_key") REFERENCES "lk_api_keys" ("api_key") ON DELETE NO ACTION ON UPDATE NO ACTION`,
    indices: [
      'INDEX "lk_api_secrets_api_key" ("api_key")',
      'INDEX "lk_api_secrets_end" ("revoked_at", "expires_at", "api_key", "revoked_by")',
      'INDEX "lk_api_secrets_use" ("revoked_at", "last_used_at", "created_at", "expires_at", "api_key")',
      'INDEX "lk_api_secrets_created" ("created_at", "api_key")',
    ],
  },
  {
    name: '"lk_passwords"',
    columns: `"user_id" varchar(36) NOT NULL, "hash" varchar(255) NOT NULL, "one_time_until" bigint, "used_at" bigint,
      PRIMARY KEY ("user_id"), ${userFk('lk_passwords_user_fk', 'CASCADE')}`,
    indices: [],
  },
  {
    name: '"lk_sessions"',
    columns: `"id" varchar(36) NOT NULL, "digest" varchar(64) NOT NULL, "user_id" varchar(36) NOT NULL,
      "address" varchar(64) NOT NULL, "user_agent" varchar(120), "created_at" bigint NOT NULL,
      "last_seen_at" bigint NOT NULL, "expires_at" bigint NOT NULL, PRIMARY KEY ("id"),
      ${userFk('lk_sessions_user_fk', 'CASCADE')}`,
    indices: [
      'UNIQUE INDEX "lk_sessions_digest" ("digest")',
      'INDEX "lk_sessions_user" ("user_id")',
      'INDEX "lk_sessions_expires" ("expires_at")',
    ],
  },
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

/**
 * Every statement can be repeated, since MySQL ends a transaction at each CREATE: a run that was interrupted is
 * finished by the next one. What a foreign key does is spelled out, since MariaDB's defaults read back as other words
 * than MySQL's.
 */
export class CreateTables1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const run = (sql: string) => runSql(runner, sql);
    for (const table of TABLES) await createTable(runner, table);
    const now = Date.now();
    const unless = (table: string, column: string, value: string) =>
      `WHERE NOT EXISTS (SELECT 1 FROM "${table}" WHERE "${column}" = '${value}')`;
    await run(`INSERT INTO "lk_roles" ("name")
      SELECT * FROM (SELECT 'System Manager') AS r ${unless('lk_roles', 'name', 'System Manager')}`);
    await run(`INSERT INTO "lk_users"
        ("id", "name", "full_name", "full_name_key", "enabled", "version", "created_at", "updated_at")
      SELECT * FROM (SELECT 'Administrator' AS a, 'Administrator' AS b, 'Administrator' AS c,
        '${searchKeyOf('Administrator')}' AS d, 1 AS e, 1 AS f, ${now} AS g, ${now} AS h) AS u
      ${unless('lk_users', 'id', 'Administrator')}`);
    await run(`INSERT INTO "lk_user_words" ("user_id", "word")
      SELECT * FROM (SELECT 'Administrator' AS a, '${searchKeyOf('Administrator')}' AS b) AS w
      ${unless('lk_user_words', 'user_id', 'Administrator')}`);
    await run(`INSERT INTO "lk_user_roles" ("user_id", "role")
      SELECT * FROM (SELECT 'Administrator' AS a, 'System Manager' AS b) AS r
      ${unless('lk_user_roles', 'user_id', 'Administrator')}`);
    await insertFirstInvalidation(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of TABLES.toReversed()) await runner.query(`DROP TABLE ${name.replaceAll('"', '')}`);
  }
}
