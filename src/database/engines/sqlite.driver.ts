import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';

type Row = Record<string, unknown>;

/**
 * Where the driver leaves out the result code, the text tells it (sqlite3_errstr, https://www.sqlite.org/rescode.html).
 */
const RESULT_CODES: Record<string, number> = {
  'database is locked': 5,
  'database table is locked': 6,
  'attempt to write a readonly database': 8,
  'disk I/O error': 10,
  'database or disk is full': 13,
  'unable to open database file': 14,
};

/**
 * The part of better-sqlite3's interface that TypeORM uses, over @photostructure/sqlite, whose binaries come inside its
 * npm package: nothing to compile, and one file for all versions of Node.
 */
export class SqliteDatabase {
  private readonly db: DatabaseSyncInstance;

  constructor(path: string, options: { timeout: number }) {
    this.db = new DatabaseSync(path, { timeout: options.timeout });
  }

  prepare(sql: string) {
    // A deferred transaction that reads and then writes fails at once when another process wrote in between
    // (https://www.sqlite.org/isolation.html); one that takes the lock at its start waits for it.
    const statement = this.db.prepare(sql === 'BEGIN TRANSACTION' ? 'BEGIN IMMEDIATE' : sql);
    return {
      reader: statement.columns().length > 0,
      all: (...params: unknown[]) => withCode(() => statement.all(...params.map(toSqlite))).map(fromSqlite),
      run: (...params: unknown[]) => statement.run(...params.map(toSqlite)),
    };
  }

  pragma(pragma: string): Row[] {
    return this.prepare(`PRAGMA ${pragma}`).all() as Row[];
  }

  close(): void {
    this.db.close();
  }
}

/** `all` of the driver throws without the `errcode` that all its other calls give. */
function withCode<T>(ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    const { message, errcode = RESULT_CODES[message] } = error as Error & { errcode?: number };
    throw Object.assign(error as Error, { errcode });
  }
}

function toSqlite(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 1 : 0;
  // The driver passes text on as far as its first NUL: 'Administrator\0' would find Administrator. Bytes equal no text.
  if (typeof value === 'string' && value.includes('\0')) return Buffer.from(value);
  if (value instanceof Date) return value.toISOString().replace('T', ' ').slice(0, -1);
  return value === undefined ? null : value;
}

function fromSqlite(row: unknown): Row {
  const result: Row = { ...(row as Row) };
  for (const key in result) {
    const value = result[key];
    if (value instanceof Uint8Array) result[key] = Buffer.from(value);
  }
  return result;
}
