// Users with a key and a secret each in MySQL, a million of them in minutes.
import { hash } from 'node:crypto';
import { runNode } from './processes.mjs';
import { interrupted, say } from './rounds.mjs';

/** Of the users, one in so many has all roles; the benchmark uses the tokens of as many. */
export const IN_USE = 10;
const ROLES = 5;
const BATCH = 10_000;
const whole = (value) => Math.round(value).toLocaleString('en');

/** The key and the secret of a user, in JavaScript and in SQL. */
export const tokenOf = (i) =>
  `lk_${hash('sha256', `key${i}`).slice(0, 22)}:lks_${hash('sha256', `secret${i}`).slice(0, 49)}`;
const SQL = {
  userId: "LEFT(SHA2(CONCAT('user', i), 256), 36)",
  apiKey: "CONCAT('lk_', LEFT(SHA2(CONCAT('key', i), 256), 22))",
  apiSecret: "CONCAT('lks_', LEFT(SHA2(CONCAT('secret', i), 256), 49))",
};

/**
 * Users with a key and a secret each: one role, and one in `IN_USE` five. All were made at `created`.
 * @param lastUsed when each was last used, in SQL.
 */
export async function makeUsers(mysql, DATABASE_URL, name, count, created, lastUsed = 'NULL') {
  await mysql.query(`CREATE DATABASE ${name}`);
  await runNode('../dist/cli/main.js', ['migrate'], { NODE_ENV: 'production', DATABASE_URL });
  await mysql.query(`USE ${name}`);
  await mysql.query('SET unique_checks = 0, foreign_key_checks = 0'); // they hold, and it is faster
  await mysql.query('CREATE TABLE numbers (n INT PRIMARY KEY)');
  await mysql.query('INSERT INTO numbers VALUES ?', [Array.from({ length: BATCH }, (_, i) => [i])]);
  await mysql.query('INSERT INTO lk_roles VALUES ?', [Array.from({ length: ROLES }, (_, i) => [`Accounts User ${i}`])]);
  for (let from = 0; from < count; from += BATCH) {
    interrupted.signal.throwIfAborted();
    const numbers = `(SELECT n + ${from} AS i FROM numbers WHERE n + ${from} < ${count}) AS numbers`;
    const insert = (table, columns, values, source = numbers) =>
      mysql.query(`INSERT INTO ${table} (${columns}) SELECT ${values} FROM ${source}`);
    await insert(
      'lk_users',
      'id, name, full_name, full_name_key, enabled, version, created_at, updated_at',
      `${SQL.userId}, CONCAT('user', i, '@example.com'), CONCAT('User ', i), CONCAT('user ', i), 1, 1, ${created}, ${created}`,
    );
    const roles = `${numbers} JOIN lk_roles r ON r.name = 'Accounts User 0' OR (i % ${IN_USE} = 1 AND r.name LIKE 'Accounts%')`;
    await insert('lk_user_roles', 'user_id, role', `${SQL.userId}, r.name`, roles);
    await insert(
      'lk_api_keys',
      'api_key, user_id, created_at, created_by',
      `${SQL.apiKey}, ${SQL.userId}, ${created}, 'command'`,
    );
    await insert(
      'lk_api_secrets',
      'id, api_key, algorithm, digest, hint, created_at, created_by, last_used_at',
      `LEFT(SHA2(CONCAT('id', i), 256), 36), ${SQL.apiKey}, 'sha256', SHA2(${SQL.apiSecret}, 256), RIGHT(${SQL.apiSecret}, 4), ${created}, 'command', ${lastUsed}`,
    );
    if (from % (10 * BATCH) === 0) say(`${whole(from + BATCH)} users …`);
  }
  await mysql.query('DROP TABLE numbers');
  await mysql.query('ANALYZE TABLE lk_users, lk_user_roles, lk_api_keys, lk_api_secrets');
}
