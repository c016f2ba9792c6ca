import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm';
import type { DatabaseOptions } from '../data-source.js';
import type { Table } from '../migrations/change-table.js';
import type { DriverError } from '../driver-error.js';

/** Where a database is, as `DATABASE_URL` says: a file of this machine. */
export interface FileTarget {
  readonly engine: Engine;
  readonly path: string;
}

/** A server. */
export interface ServerTarget {
  readonly engine: Engine;
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly database: string;
}

export type Target = FileTarget | ServerTarget;

export function isFile(target: Target): target is FileTarget {
  return 'path' in target;
}

/** What is said in other words on each engine. */
export interface Dialect {
  /** The database's clock, in whole milliseconds since 1970. */
  readonly now: string;
  /** After a SELECT: locks its rows until COMMIT. Empty where a transaction locks everything. */
  readonly forUpdate: string;
  /** The same, and others may lock them so as well. */
  readonly forShare: string;
  /** The function that makes a JSON array of a column's values. */
  readonly jsonArray: string;
  /** An INSERT that leaves out rows which are there. @param into as in `lk_roles (name) VALUES (?)`. */
  insertNew(into: string): string;
  /** After an INSERT: where a row with this key is there, its columns are added to. */
  addTo(table: string, key: readonly string[], columns: readonly string[]): string;
  /** An UPDATE of one row for `write`, which tells what it has set. @param rest what else it sets, and its WHERE. */
  updateTelling(table: string, column: string, expression: string, rest: string): string;
}

/** What of the driver's errors means what. Each is asked about the errors of all engines. */
export interface Errors {
  /** The database could not be asked: the error says nothing about what was asked. */
  isUnavailable(error: DriverError): boolean;
  /** A transaction was rolled back for reasons of concurrency: when it is run again, it may succeed. */
  isRetryable(error: DriverError): boolean;
  /** Another process is writing to the file. */
  isBusy(error: DriverError): boolean;
  /** A connection that had been open turned out to be closed. */
  isConnectionLost(error: DriverError): boolean;
  /** A foreign key refused: the referenced row is gone, or the deleted row is still referenced. */
  isForeignKey(error: DriverError): boolean;
  /** A unique index refused the row. */
  isDuplicate(error: DriverError): boolean;
}

/** An open connection outside of the pool. */
export interface Opened {
  query(sql: string): Promise<unknown[]>;
  destroy(): void;
}

/** The connections at the moment. */
export interface PoolFigures {
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
}

/** What one statement has written. */
export interface Written {
  /** Rows. */
  readonly affected: number;
  /** What an `updateTelling` has set. */
  readonly told: number | undefined;
}

/** The properties of a database that decide whether its answers are current. */
export interface Topology {
  /** An SQL expression: 0 or OFF, unless the server may be a replica, whose answers may be old. */
  readonly readOnly: string;
  /** Why what was read may not be cached: a sentence that says what to set. Undefined when it may. */
  readonly problem?: string;
}

/** Something that was looked at. */
export interface Finding {
  readonly ok: boolean;
  /** What was found and, where it is a problem, what to do. Never contains a password. */
  readonly message: string;
}

/** What is to be looked at, by the name of the check, in order. */
export type Probes = Readonly<Record<string, () => Promise<Finding>>>;

/** A kind of database: all that differs from the others. Nothing else asks which one it is. */
export interface Engine {
  /** `type` in TypeORM's options. */
  readonly types: readonly string[];
  /** Of `DATABASE_URL`. */
  readonly schemes: readonly string[];
  /** For people: what a URL looks like. */
  readonly examples: readonly string[];
  readonly sql: Dialect;
  readonly errors: Errors;

  /** @param url begins with one of the schemes. @throws an Error that says what is wrong with it, without its password. */
  parse(url: string): Target;
  /** TypeORM's options for the connections of a database of our own. */
  options(target: Target, options: DatabaseOptions): DataSourceOptions;
  /** Makes a DataSource of our own safe for concurrent use. */
  prepare(dataSource: DataSource): DataSource;

  /** The rows of a SELECT, which is prepared once for each connection. @param timeoutMs as in `Database.select`. */
  select<Row>(dataSource: DataSource, sql: string, parameters: unknown[], timeoutMs?: number): Promise<Row[]>;
  /** Runs one statement that commits by itself. */
  write(dataSource: DataSource, sql: string, parameters: unknown[], timeoutMs: number): Promise<Written>;
  /** Undefined where there is one connection. */
  pool(dataSource: DataSource): PoolFigures | undefined;
  /** Opens a connection outside of the pool. @param lost is called when it ends by itself. */
  connectAlone(dataSource: DataSource, lost: () => void): Promise<Opened>;
  /** @param ask asks that connection. */
  topology(ask: (sql: string) => Promise<unknown[]>): Promise<Topology>;

  /** The settings with which a crash would lose an acknowledged change: a sentence each. */
  durabilityProblems(dataSource: DataSource): Promise<string[]>;
  /**
   * The settings of a host's connections with which a revoked secret would go on working, or a parameter could become SQL:
   * a sentence each. A DataSource of our own sets them itself.
   */
  sessionProblems(dataSource: DataSource): Promise<string[]>;
  /** Opens a database to be looked at: it is not changed. @throws Unfit; the driver's error. */
  openToCheck(target: Target, options: DatabaseOptions): Promise<DataSource>;
  /** What is particular to it. */
  probes(dataSource: DataSource, target: Target): Probes;
  /** What to do about an error; undefined when it is none of the database's. */
  remedy(error: DriverError, target: Target): string | undefined;

  /** Runs migrations while no other process does. */
  migrateAlone<T>(dataSource: DataSource, run: () => Promise<T>): Promise<T>;
  /** Makes a table with its indexes, where it is not there yet. All text compares byte by byte. */
  createTable(runner: QueryRunner, table: Table): Promise<void>;
  /** Adds an index that is not there yet. @param index as in `INDEX "name" ("column")`. */
  addIndex(runner: QueryRunner, table: string, index: string): Promise<void>;
  dropIndex(runner: QueryRunner, table: string, name: string): Promise<void>;
  /** @param sql with names in double quotes. */
  quoted(sql: string): string;
}
