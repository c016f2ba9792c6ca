import type { DataSource } from 'typeorm';
import { searchKeyOf, wordsOf } from '../../src/database/search-key.js';

export interface ManyUser {
  readonly id: string;
  readonly name: string;
  readonly fullName: string;
  readonly enabled: boolean;
  readonly roles: readonly string[];
  readonly createdAt: number;
  /** Of its key, oldest first; without them there is no key unless `insertUsers` gives everybody one. */
  readonly secrets?: readonly ManySecret[];
}

/** Times in milliseconds since 1970. */
export interface ManySecret {
  readonly createdAt: number;
  readonly createdBy?: string;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
  readonly revokedBy?: string;
  readonly lastUsedAt?: number;
  readonly name?: string;
  /** The same as `expiresAt`. */
  readonly retiresAt?: number;
}

const BATCH = 500;

/** Puts users into the tables straight away, each with a key and a secret if `keys`: thousands in a second. */
export async function insertUsers(dataSource: DataSource, users: readonly ManyUser[], keys = false): Promise<void> {
  for (let i = 0; i < users.length; i += BATCH) {
    const batch = users.slice(i, i + BATCH);
    const insert = async (table: string, columns: string, rows: unknown[][]) => {
      for (let from = 0; from < rows.length; from += BATCH) {
        const some = rows.slice(from, from + BATCH);
        const places = some.map((row) => `(${row.map(() => '?').join(', ')})`).join(', ');
        await dataSource.query(`INSERT INTO ${table} (${columns}) VALUES ${places}`, some.flat());
      }
    };
    await insert(
      'lk_users',
      'id, name, full_name, full_name_key, enabled, version, created_at, updated_at',
      batch.map(({ id, name, fullName, enabled, createdAt }) => [
        id,
        name,
        fullName,
        searchKeyOf(fullName),
        Number(enabled),
        1,
        createdAt,
        createdAt,
      ]),
    );
    await insert(
      'lk_user_words',
      'user_id, word',
      batch.flatMap(({ id, name, fullName }) => [...new Set([name, ...wordsOf(fullName)])].map((word) => [id, word])),
    );
    await insert(
      'lk_user_roles',
      'user_id, role',
      batch.flatMap(({ id, roles }) => roles.map((role) => [id, role])),
    );
    const owners = batch.flatMap(({ id, createdAt, secrets = keys ? [{ createdAt }] : [] }) =>
      secrets.length > 0 ? [{ id, createdAt, secrets }] : [],
    );
    await insert(
      'lk_api_keys',
      'api_key, user_id, created_at, created_by, last_used_at',
      owners.map(({ id, createdAt, secrets }) => {
        const used = secrets.flatMap(({ lastUsedAt }) => lastUsedAt ?? []);
        return [`lk_${id}`, id, createdAt, 'command', used.length === 0 ? null : Math.max(...used)];
      }),
    );
    const rows = owners.flatMap(({ id, secrets }) =>
      secrets.map(({ name = 'default', createdAt, createdBy = 'command', ...rest }, nth) => [
        `s${nth}${id}`,
        `lk_${id}`,
        'sha256',
        '0',
        `h${nth % 100}`,
        createdAt,
        createdBy,
        rest.expiresAt ?? null,
        rest.revokedAt ?? null,
        rest.revokedBy ?? null,
        rest.lastUsedAt ?? null,
        name,
        rest.retiresAt ?? null,
      ]),
    );
    const columns = 'id, api_key, algorithm, digest, hint, created_at, created_by, expires_at, revoked_at, revoked_by';
    await insert('lk_api_secrets', `${columns}, last_used_at, name, retires_at`, rows);
  }
}
