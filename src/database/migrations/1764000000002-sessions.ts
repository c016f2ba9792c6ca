import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTable, type Table } from './create-table.js';

const userFk = (name: string) =>
  `CONSTRAINT "${name}" FOREIGN KEY ("user_id") REFERENCES "lk_users" ("id") ON DELETE CASCADE ON UPDATE NO ACTION`;

const TABLES: Table[] = [
  {
    name: '"lk_passwords"',
    columns: `"user_id" varchar(36) NOT NULL, "hash" varchar(255) NOT NULL, "one_time_until" bigint, "used_at" bigint,
      PRIMARY KEY ("user_id"), ${userFk('lk_passwords_user_fk')}`,
    indices: [],
  },
  {
    name: '"lk_sessions"',
    columns: `"id" varchar(36) NOT NULL, "digest" varchar(64) NOT NULL, "user_id" varchar(36) NOT NULL,
      "created_at" bigint NOT NULL, "last_seen_at" bigint NOT NULL, "expires_at" bigint NOT NULL,
      PRIMARY KEY ("id"), ${userFk('lk_sessions_user_fk')}`,
    indices: [
      'UNIQUE INDEX "lk_sessions_digest" ("digest")',
      'INDEX "lk_sessions_user" ("user_id")',
      'INDEX "lk_sessions_expires" ("expires_at")',
    ],
  },
];

/** Passwords, and the sessions that they open. Repeatable, like every migration here. */
export class Sessions1764000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await createTable(runner, table);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of TABLES) await runner.query(`DROP TABLE ${name.replaceAll('"', '')}`);
  }
}
