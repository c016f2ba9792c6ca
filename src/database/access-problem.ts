import { dirname, resolve } from 'node:path';
import { parseDatabaseUrl } from './database-url.js';

type Target = ReturnType<typeof parseDatabaseUrl>;
type Server = Exclude<Target, { type: 'sqlite' }>;

interface DriverError {
  readonly code?: string;
  /** SQLite's extended result code. */
  readonly errcode?: number;
  /** In errors of the file system. */
  readonly path?: string;
  readonly message?: string;
  readonly sqlMessage?: string;
}

/**
 * Why that database can't be used: a sentence with its address, without the password, and what to do. Undefined when the
 * error does not come from a database.
 */
export function databaseProblem(error: unknown, url: string): string | undefined {
  const target = parseDatabaseUrl(url);
  const cause = ((error as { driverError?: DriverError }).driverError ?? error) as DriverError;
  const remedy = target.type === 'sqlite' ? fileRemedy(cause, resolve(target.path)) : serverRemedy(cause, target);
  return remedy && `${whereIs(target)}: ${messageOf(cause)}; ${remedy}.`;
}

/** The address of a database, for people: without its password. */
export function whereIs(target: Target): string {
  if (target.type === 'sqlite') return resolve(target.path);
  const { type, username, host, port, database } = target;
  return `${type}://${username}@${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}

/**
 * The message of an error. Some errors of the network have only a code; `message` of MySQL's may contain the statement.
 */
export function messageOf(error: unknown): string {
  const { message, sqlMessage, code } = error as DriverError;
  return sqlMessage || message || code || String(error);
}

/** Primary result codes (https://www.sqlite.org/rescode.html). */
const FILE_REMEDIES: Readonly<Record<number, string>> = {
  5: 'another program is writing to it: wait until it has ended, or end it',
  11: 'stop whatever uses it, and restore a backup',
  13: 'make room on its disk',
  26: 'correct DATABASE_URL, or move that file away',
};
/** No permission, read-only, I/O error, can't open. */
const NOT_WRITABLE = new Set([3, 8, 10, 14]);

function fileRemedy({ errcode, path: failed }: DriverError, path: string): string | undefined {
  const remedy = errcode === undefined ? undefined : FILE_REMEDIES[errcode & 0xff];
  const isFolder = failed !== undefined && path.startsWith(resolve(failed));
  if (remedy !== undefined || !(isFolder || (errcode !== undefined && NOT_WRITABLE.has(errcode & 0xff)))) return remedy;
  const user = process.getuid?.();
  const who = user === undefined ? 'this user' : `this user (uid ${user})`;
  const where = `the folder ${dirname(path)} and what is in it`;
  return `see that ${who} may write to ${where}, or set DATABASE_URL to another file`;
}

const UNREACHABLE = 'see that the host is up, and that no firewall is between; or correct DATABASE_URL';
const NO_SERVER = 'see that a MySQL or MariaDB server listens there, and what its log says; or correct DATABASE_URL';
const SERVER_REMEDIES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'start the database, or correct host and port in DATABASE_URL',
  ENOTFOUND: 'correct the host in DATABASE_URL',
  EAI_AGAIN: 'correct the host in DATABASE_URL, or mend name resolution',
  ETIMEDOUT: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ECONNRESET: NO_SERVER,
  EPIPE: NO_SERVER,
  PROTOCOL_CONNECTION_LOST: NO_SERVER,
  ER_ACCESS_DENIED_ERROR: 'correct user and password in DATABASE_URL (an @ in the password is written %40)',
  ER_CON_COUNT_ERROR: 'raise max_connections, or lower DATABASE_POOL_SIZE',
  HANDSHAKE_SSL_ERROR: 'put the authority of its certificate in DATABASE_TLS_CA, and its name in DATABASE_URL',
  HANDSHAKE_NO_SSL_SUPPORT: 'switch TLS on in the database, or DATABASE_TLS off',
};
/** A missing privilege: on a database, a table, a column, or a global one. */
const NOT_GRANTED = new Set([
  'ER_DBACCESS_DENIED_ERROR',
  'ER_TABLEACCESS_DENIED_ERROR',
  'ER_COLUMNACCESS_DENIED_ERROR',
  'ER_SPECIFIC_ACCESS_DENIED_ERROR',
]);

function serverRemedy(error: DriverError, { username, database }: Server): string | undefined {
  const { code = '' } = error;
  const name = `\`${database.replaceAll('`', '``')}\``;
  if (code === 'ER_BAD_DB_ERROR') return `make it with CREATE DATABASE ${name}, or correct DATABASE_URL`;
  if (NOT_GRANTED.has(code)) {
    const account = /'[^']*'@'[^']*'/.exec(messageOf(error))?.[0] ?? `'${username}'`;
    return `let an administrator of the database run GRANT ALL ON ${name}.* TO ${account}, or correct DATABASE_URL`;
  }
  return SERVER_REMEDIES[code];
}
