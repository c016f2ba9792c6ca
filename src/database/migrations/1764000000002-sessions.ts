import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Quoted, since TypeORM reads the names of SQLite's constraints out of their SQL. */
const userFk = (name: string) =>
  `CONSTRAINT "${name}" FOREIGN KEY ("user_id") REFERENCES "lk_users" ("id") ON DELETE CASCADE ON UPDATE NO ACTION`;

const TABLES = [
  {
    name: 'lk_passwords',
    columns: `user_id varchar(36) NOT NULL, hash varchar(255) NOT NULL, one_time_until bigint, used_at bigint,
      PRIMARY KEY (user_id), ${userFk('lk_passwords_user_fk')}`,
    indices: [],
  },
  {
    name: 'lk_sessions',
    columns: `id varchar(36) NOT NULL, digest varchar(64) NOT NULL, user_id varchar(36) NOT NULL,
      created_at bigint NOT NULL, last_seen_at bigint NOT NULL, expires_at bigint NOT NULL,
      PRIMARY KEY (id), ${userFk('lk_sessions_user_fk')}`,
    indices: [
      'UNIQUE INDEX lk_sessions_digest (digest)',
      'INDEX lk_sessions_user (user_id)',
      'INDEX lk_sessions_expires (expires_at)',
    ],
  },
];

/** Passwords, and the sessions that they open. Repeatable, like every migration here. */
export class Sessions1764000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const mysql = ['mysql', 'mariadb'].includes(runner.dataSource.options.type);
    for (const { name, columns, indices } of TABLES) {
      if (mysql) {
        const tail = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';
        await runner.query(
          `CREATE TABLE IF NOT EXISTS ${name} (${[columns, ...indices].join(', ').replaceAll('"', '`')}) ${tail}`,
        );
        continue;
      }
      await runner.query(`CREATE TABLE IF NOT EXISTS ${name} (${columns})`);
      for (const index of indices) {
        await runner.query(`CREATE ${index.replace('INDEX', 'INDEX IF NOT EXISTS').replace(' (', ` ON ${name} (`)}`);
      }
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { name } of TABLES) await runner.query(`DROP TABLE ${name}`);
  }
}
