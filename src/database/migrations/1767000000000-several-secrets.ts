import type { MigrationInterface, QueryRunner } from 'typeorm';
import { engineOf } from '../engines/index.js';
import { addColumn, addIndex, createTable } from './change-table.js';

const SECRETS = '"lk_api_secrets"';
const COLUMNS = [
  `"name" varchar(60) NOT NULL DEFAULT 'default'`,
  '"last_used_address" varchar(64)',
  '"last_used_agent" varchar(120)',
  '"scopes" text',
  '"allowed_networks" text',
  '"replaces" varchar(36)',
  '"retires_at" bigint',
];
const INDICES = [
  'INDEX "lk_api_secrets_newest" ("created_at", "id")',
  'INDEX "lk_api_secrets_name" ("name", "created_at", "id")',
  'INDEX "lk_api_secrets_retiring" ("retires_at", "id")',
  'INDEX "lk_api_secrets_expiring" ("expires_at", "id")',
  'INDEX "lk_api_secrets_used" ("last_used_at", "id")',
  'INDEX "lk_api_secrets_revoked" ("revoked_at", "id")',
  'INDEX "lk_api_secrets_unrevoked_used" ("revoked_at", "last_used_at", "id")',
];
const OWN_SCOPES = {
  'users:read': 'Read users',
  'users:write': 'Create, change and delete users',
  'roles:read': 'Read roles',
  'roles:write': 'Create and delete roles, and give them to users',
  'keys:read': 'Read API keys and their secrets, never a secret itself',
  'keys:write': 'Generate, change and revoke secrets',
  'sessions:read': 'Read sessions',
  'sessions:write': 'End sessions',
  'audit:read': 'Read the audit trail',
};

/** Several secrets for each key: each secret that is there becomes the one with the name `default`. */
export class SeveralSecrets1767000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const column of COLUMNS) await addColumn(runner, SECRETS, column);
    for (const index of INDICES) await addIndex(runner, SECRETS, index);
    await createTable(runner, {
      name: '"lk_scopes"',
      columns: `"name" varchar(100) NOT NULL, "description" varchar(200) NOT NULL, "grants" integer NOT NULL DEFAULT 0,
        PRIMARY KEY ("name")`,
      indices: [],
    });
    const { sql } = engineOf(runner.dataSource);
    for (const [name, description] of Object.entries(OWN_SCOPES)) {
      await runner.query(sql.insertNew('lk_scopes (name, description) VALUES (?, ?)'), [name, description]);
    }
  }

  /** Revokes the secrets that may not everything: to the version before, they would look as if they might. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `UPDATE lk_api_secrets SET revoked_at = ?, revoked_by = 'command'
        WHERE revoked_at IS NULL AND (scopes IS NOT NULL OR allowed_networks IS NOT NULL)`,
      [Date.now()],
    );
    await runner.query('DROP TABLE lk_scopes');
    for (const index of INDICES.toReversed()) {
      const [, name] = /"(.+?)"/.exec(index)!;
      await engineOf(runner.dataSource).dropIndex(runner, SECRETS, name!);
    }
    for (const column of COLUMNS.toReversed()) {
      await runner.query(`ALTER TABLE ${SECRETS} DROP COLUMN ${column.split(' ')[0]}`.replaceAll('"', ''));
    }
  }
}
