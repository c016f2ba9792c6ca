/** The fields of an error of a driver, or of the file system. */
export interface DriverError {
  readonly code?: string;
  readonly errno?: number;
  /** SQLite's extended result code. */
  readonly errcode?: number;
  /** mysql2: the connection can't be used any more. */
  readonly fatal?: boolean;
  readonly message?: string;
  /** mysql2: without the statement. */
  readonly sqlMessage?: string;
  /** Of the file system. */
  readonly path?: string;
}

/** The driver's own error, where TypeORM has wrapped it. */
export function driverErrorOf(error: unknown): DriverError {
  const wrapped = (error as { driverError?: DriverError } | undefined)?.driverError;
  return wrapped ?? (error as DriverError | undefined) ?? {};
}

/** The error for a time-out of our own. */
export function timedOut(message: string): Error {
  return Object.assign(new Error(message), { code: 'ETIMEDOUT', fatal: true });
}

/**
 * The message of an error. Some errors of the network have only a code; `message` of MySQL's may contain the statement.
 */
export function messageOf(error: unknown): string {
  const { message, sqlMessage, code } = error as DriverError;
  return sqlMessage || message || code || String(error);
}
