/** The fields of an error of mysql2 or SQLite, also where TypeORM has wrapped it. */
interface DriverError {
  readonly code?: string;
  readonly errno?: number;
  /** SQLite's extended result code. */
  readonly errcode?: number;
  /** mysql2: the connection can't be used any more. */
  readonly fatal?: boolean;
  readonly message?: string;
}

function driverErrorOf(error: unknown): DriverError {
  const wrapped = (error as { driverError?: DriverError } | undefined)?.driverError;
  return wrapped ?? (error as DriverError | undefined) ?? {};
}

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'PROTOCOL_PACKETS_OUT_OF_ORDER',
  'POOL_CLOSED',
  'POOL_NONEONLINE',
  'HANDSHAKE_NO_SSL_SUPPORT',
]);
/**
 * MySQL and MariaDB: too many connections, shut down, lock wait time-out, deadlock, read-only, node not ready, killed,
 * out of prepared statements, access refused. (MySQL error reference, mysqld_error.h; 1047 is Galera's "not yet
 * prepared node".)
 */
const UNAVAILABLE_ERRNO = new Set([
  1021, 1040, 1041, 1042, 1044, 1045, 1047, 1049, 1053, 1077, 1129, 1180, 1203, 1205, 1213, 1226, 1290, 1317, 1461,
  1836, 1927, 3024, 3100, 3101, 3796, 3797, 3950, 4031,
]);
/** Primary result codes (https://www.sqlite.org/rescode.html): busy, locked, read-only, I/O error, full, can't open. */
const UNAVAILABLE_SQLITE = new Set([5, 6, 8, 10, 13, 14]);
const RETRYABLE_ERRNO = new Set([1020, 1205, 1213, 3101]);
const DUPLICATE_SQLITE = new Set([1555, 2067]);
// mysql2 gives these no code.
const CLOSED_MESSAGES =
  /^(Pool is closed|Queue limit reached|Can't add new command when connection is in closed state)/;

/** True when the database could not be asked: the error says nothing about what was asked. */
export function isUnavailable(error: unknown): boolean {
  const { code, errno, errcode, fatal, message } = driverErrorOf(error);
  return (
    (code !== undefined && NETWORK.has(code)) ||
    (errno !== undefined && UNAVAILABLE_ERRNO.has(errno)) ||
    (errcode !== undefined && UNAVAILABLE_SQLITE.has(errcode & 0xff)) ||
    fatal === true ||
    CLOSED_MESSAGES.test(message ?? '')
  );
}

/** True when the database rolled a transaction back for reasons of concurrency: when it is run again, it may succeed. */
export function isRetryable(error: unknown): boolean {
  const { errno, message } = driverErrorOf(error);
  return errno !== undefined && (RETRYABLE_ERRNO.has(errno) || (errno === 1180 && /deadlock/i.test(message ?? '')));
}

/** True when another process is writing to the SQLite file. */
export function isBusy(error: unknown): boolean {
  const { errcode } = driverErrorOf(error);
  return errcode !== undefined && (errcode & 0xff) === 5;
}

const LOST = new Set(['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE', 'ER_CLIENT_INTERACTION_TIMEOUT']);

/** True when a connection that had been open turned out to be closed. */
export function isConnectionLost(error: unknown): boolean {
  const { code, errno, message } = driverErrorOf(error);
  return (code !== undefined && LOST.has(code)) || errno === 4031 || message?.endsWith('in closed state') === true;
}

/** True when a foreign key refused: the referenced row is gone, or the deleted row is still referenced. */
export function isForeignKey(error: unknown): boolean {
  const { errno, errcode } = driverErrorOf(error);
  return errno === 1451 || errno === 1452 || errcode === 787;
}

/** True when a unique index refused the row. */
export function isDuplicate(error: unknown): boolean {
  const { errno, errcode } = driverErrorOf(error);
  return errno === 1062 || (errcode !== undefined && DUPLICATE_SQLITE.has(errcode));
}
