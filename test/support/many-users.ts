import type { DataSource } from 'typeorm';

export interface ManyUser {
  readonly id: string;
  readonly name: string;
  readonly fullName: string;
  readonly enabled: boolean;
  readonly roles: readonly string[];
  readonly createdAt: number;
}

const BATCH = 500;

/** Puts users into the tables straight away, each with a key and a secret if `keys`: thousands in a second. */
export async function insertUsers(dataSource: DataSource, users: readonly ManyUser[], keys = false): Promise<void> {
  for (let i = 0; i < users.length; i += BATCH) {
    const batch = users.slice(i, i + BATCH);
    const insert = async (table: string, columns: string, rows: unknown[][]) => {
      if (rows.length === 0) return;
      const places = rows.map((row) => `(${row.map(() => '?').join(', ')})`).join(', ');
      await dataSource.query(`INSERT INTO ${table} (${columns}) VALUES ${places}`, rows.flat());
    };
    await insert(
      'lk_users',
      'id, name, full_name, full_name_key, enabled, version, created_at, updated_at',
      batch.map(({ id, name, fullName, enabled, createdAt }) => [
        id,
        name,
        fullName,
        fullName.toLowerCase(),
        Number(enabled),
        1,
        createdAt,
        createdAt,
      ]),
    );
    await insert(
      'lk_user_roles',
      'user_id, role',
      batch.flatMap(({ id, roles }) => roles.map((role) => [id, role])),
    );
    if (!keys) continue;
    await insert(
      'lk_api_keys',
      'api_key, user_id, created_at, created_by',
      batch.map(({ id, createdAt }) => [`lk_${id}`, id, createdAt, 'command']),
    );
    await insert(
      'lk_api_secrets',
      'id, api_key, algorithm, digest, hint, created_at, created_by',
      batch.map(({ id, createdAt }) => [`s${id}`, `lk_${id}`, 'sha256', '0', 'hint', createdAt, 'command']),
    );
  }
}
