import type { MigrationInterface, QueryRunner } from 'typeorm';
import { searchKeyOf } from '../search-key.js';

const BATCH = 500;

const COLUMNS = [
  { table: 'lk_users', name: 'full_name_key', type: "varchar(140) NOT NULL DEFAULT ''" },
  { table: 'lk_api_keys', name: 'last_used_at', type: 'bigint' },
  { table: 'lk_api_secrets', name: 'last_used_at', type: 'bigint' },
];
const INDICES = [
  { name: 'lk_users_full_name_key', column: 'full_name_key' },
  { name: 'lk_users_enabled', column: 'enabled' },
];

/** For the search and the filters of lists, and for when a secret was last used. Repeatable, like every migration here. */
export class SearchAndLastUse1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const { table, name, type } of COLUMNS) {
      if (!(await runner.hasColumn(table, name))) await runner.query(`ALTER TABLE ${table} ADD COLUMN ${name} ${type}`);
    }
    for (let last: string | undefined = ''; last !== undefined;) last = await fillAfter(runner, last);
    const { indices } = (await runner.getTable('lk_users'))!;
    for (const { name, column } of INDICES) {
      if (indices.some((index) => index.name === name)) continue;
      await runner.query(`CREATE INDEX ${name} ON lk_users (${column})`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of INDICES) await runner.dropIndex('lk_users', name);
    for (const { table, name } of COLUMNS) await runner.query(`ALTER TABLE ${table} DROP COLUMN ${name}`);
  }
}

/** Only the application folds letter case alike on every engine. @returns the last id of this batch; undefined at the end. */
async function fillAfter(runner: QueryRunner, last: string): Promise<string | undefined> {
  const users: { id: string; full_name: string }[] = await runner.query(
    `SELECT id, full_name FROM lk_users WHERE id > ? AND full_name_key = '' ORDER BY id LIMIT ${BATCH}`,
    [last],
  );
  if (users.length === 0) return undefined;
  const cases = users.map(() => 'WHEN ? THEN ?').join(' ');
  const places = users.map(() => '?').join(', ');
  await runner.query(`UPDATE lk_users SET full_name_key = CASE id ${cases} END WHERE id IN (${places})`, [
    ...users.flatMap((user) => [user.id, searchKeyOf(user.full_name)]),
    ...users.map(({ id }) => id),
  ]);
  return users.at(-1)!.id;
}
