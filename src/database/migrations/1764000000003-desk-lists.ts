import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMN = 'revoked_by';
const INDICES = [
  { table: 'lk_users', name: 'lk_users_full_name', columns: 'full_name_key, id' },
  { table: 'lk_api_secrets', name: 'lk_api_secrets_end', columns: 'revoked_at, expires_at, revoked_by, api_key' },
  {
    table: 'lk_api_secrets',
    name: 'lk_api_secrets_use',
    columns: 'revoked_at, last_used_at, created_at, expires_at, api_key',
  },
  { table: 'lk_api_secrets', name: 'lk_api_secrets_created', columns: 'created_at, api_key' },
];
/** The first of those does all that it did. */
const OLD = 'lk_users_full_name_key';

/** For the users by name and by the state of their keys, and for the overview. Repeatable, like every migration here. */
export class DeskLists1764000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    if (!(await runner.hasColumn('lk_api_secrets', COLUMN))) {
      await runner.query(`ALTER TABLE lk_api_secrets ADD COLUMN ${COLUMN} varchar(140)`);
    }
    for (const { table, name, columns } of INDICES) {
      if (await has(runner, table, name)) continue;
      await runner.query(`CREATE INDEX ${name} ON ${table} (${columns})`);
    }
    if (await has(runner, 'lk_users', OLD)) await runner.dropIndex('lk_users', OLD);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX ${OLD} ON lk_users (full_name_key)`);
    for (const { table, name } of INDICES) await runner.dropIndex(table, name);
    await runner.query(`ALTER TABLE lk_api_secrets DROP COLUMN ${COLUMN}`);
  }
}

async function has(runner: QueryRunner, table: string, index: string): Promise<boolean> {
  const { indices } = (await runner.getTable(table))!;
  return indices.some(({ name }) => name === index);
}
