import { isIP } from 'node:net';
import { DataSource, type QueryRunner } from 'typeorm';
import { clockDifference, readClock } from '../clock.js';
import { type DriverError, messageOf, timedOut } from '../driver-error.js';
import type { Table } from '../migrations/change-table.js';
import { withTimeout } from '../with-timeout.js';
import type { Dialect, Engine, Errors, Opened, Probes, ServerTarget, Target, Topology } from './engine.js';
import { finding } from './findings.js';
import { mysqlDriver, prepareSession } from './mysql.driver.js';
import { parseServerUrl, serverRemedy } from './server.js';

const NAMES = { mysql: 'MySQL', mariadb: 'MariaDB' };
const MINIMUM = { mysql: [8, 4], mariadb: [10, 11] } as const;
/**
 * How many statements a connection keeps prepared. The server has 16,382 for all connections (max_prepared_stmt_count).
 */
const MAX_PREPARED = 200;
const OPEN_TIMEOUT_MS = 5000;
const LOCK_WAIT_SECONDS = 60;
const MAX_CLOCK_DIFFERENCE_MS = 1000;

const sql: Dialect = {
  // In UTC: in one hour of each year, a local time means two instants.
  now: "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) DIV 1000",
  forUpdate: 'FOR UPDATE',
  forShare: 'LOCK IN SHARE MODE',
  jsonArray: 'JSON_ARRAYAGG',
  insertNew: (into) => `INSERT IGNORE INTO ${into}`,
  addTo: (_table, _key, columns) =>
    `ON DUPLICATE KEY UPDATE ${columns.map((column) => `${column} = ${column} + VALUES(${column})`).join(', ')}`,
  updateTelling: (table, column, expression, rest) =>
    `UPDATE ${table} SET ${column} = LAST_INSERT_ID(${expression}), ${rest}`,
};

const NETWORK = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'PROTOCOL_PACKETS_OUT_OF_ORDER',
  'POOL_CLOSED',
  'POOL_NONEONLINE',
  'HANDSHAKE_NO_SSL_SUPPORT',
]);
/**
 * Too many connections, shut down, lock wait time-out, deadlock, read-only, node not ready, killed, out of prepared
 * statements, access refused. (MySQL error reference, mysqld_error.h; 1047 is Galera's "not yet prepared node".)
 */
const UNAVAILABLE = new Set([
  1021, 1040, 1041, 1042, 1044, 1045, 1047, 1049, 1053, 1077, 1129, 1180, 1203, 1205, 1213, 1226, 1290, 1317, 1461,
  1836, 1927, 3024, 3100, 3101, 3796, 3797, 3950, 4031,
]);
const RETRYABLE = new Set([1020, 1205, 1213, 3101]);
const LOST = new Set(['PROTOCOL_CONNECTION_LOST', 'ER_CLIENT_INTERACTION_TIMEOUT']);
// mysql2 gives these no code.
const CLOSED_MESSAGES =
  /^(Pool is closed|Queue limit reached|Can't add new command when connection is in closed state)/;

const errors: Errors = {
  isUnavailable: ({ code = '', errno = 0, fatal, message = '' }) =>
    NETWORK.has(code) || UNAVAILABLE.has(errno) || fatal === true || CLOSED_MESSAGES.test(message),
  isRetryable: ({ errno = 0, message = '' }) => RETRYABLE.has(errno) || (errno === 1180 && /deadlock/i.test(message)),
  isBusy: () => false,
  isConnectionLost: ({ code = '', errno, message = '' }) =>
    LOST.has(code) || errno === 4031 || message.endsWith('in closed state'),
  isForeignKey: ({ errno }) => errno === 1451 || errno === 1452,
  isDuplicate: ({ errno }) => errno === 1062,
};

const NO_SERVER = 'see that a MySQL or MariaDB server listens there, and what its log says; or correct DATABASE_URL';
const REMEDIES: Readonly<Record<string, string>> = {
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

function remedy(error: DriverError, target: Target): string | undefined {
  const { username, database } = target as ServerTarget;
  const { code = '' } = error;
  const name = `\`${database.replaceAll('`', '``')}\``;
  if (code === 'ER_BAD_DB_ERROR') return `make it with CREATE DATABASE ${name}, or correct DATABASE_URL`;
  if (NOT_GRANTED.has(code)) {
    const account = /'[^']*'@'[^']*'/.exec(messageOf(error))?.[0] ?? `'${username}'`;
    return `let an administrator of the database run GRANT ALL ON ${name}.* TO ${account}, or correct DATABASE_URL`;
  }
  return REMEDIES[code] ?? serverRemedy(error);
}

/** The part of TypeORM's driver, and of mysql2's pool, that is used here. */
interface Driver {
  readonly pool?: Pool;
  readonly mysql: { Connection: new (options: { config: object }) => Connection };
}
interface Pool {
  readonly config: { readonly connectionConfig: object };
  readonly _allConnections?: { readonly length: number };
  readonly _freeConnections?: { readonly length: number };
  readonly _connectionQueue?: { readonly length: number };
  getConnection(callback: (error: unknown, connection: PoolConnection) => void): void;
}
interface PoolConnection {
  execute(sql: string, parameters: unknown[], callback: (error: unknown, rows: unknown) => void): void;
  release(): void;
  destroy(): void;
}
interface Connection {
  connect(callback: (error: Error | null) => void): void;
  query(sql: string, callback: (error: Error | null, rows: unknown) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  destroy(): void;
}

const driverOf = (dataSource: DataSource) => dataSource.driver as unknown as Driver;

/** The shortest way to the database that TypeORM's driver leaves open. */
function execute<T>(dataSource: DataSource, statement: string, parameters: unknown[], timeoutMs?: number): Promise<T> {
  return new Promise((resolve, reject) => {
    driverOf(dataSource).pool!.getConnection((noConnection, connection) => {
      if (noConnection) return reject(noConnection as Error);
      let open = true;
      const timer =
        timeoutMs &&
        setTimeout(() => {
          open = false;
          connection.destroy();
          reject(timedOut(`The database did not answer within ${timeoutMs} ms`));
        }, timeoutMs);
      connection.execute(statement, parameters, (error, result) => {
        if (!open) return;
        clearTimeout(timer);
        connection.release();
        if (error) reject(error as Error);
        else resolve(result as T);
      });
    });
  });
}

async function connectAlone(dataSource: DataSource, lost: () => void): Promise<Opened> {
  const { mysql, pool } = driverOf(dataSource);
  const connection = new mysql.Connection({ config: copy(pool!.config.connectionConfig) });
  connection.on('error', lost);
  const query = (statement: string) =>
    new Promise<unknown[]>((resolve, reject) => {
      connection.query(statement, (error, rows) => (error ? reject(error) : resolve(rows as unknown[])));
    });
  const opened = new Promise<void>((resolve, reject) =>
    connection.connect((error) => (error ? reject(error) : resolve())),
  );
  try {
    // The driver's time-out ends with the handshake; after it a server can fall silent as well.
    const late = () => new Error(`The database did not answer within ${OPEN_TIMEOUT_MS} ms`);
    await withTimeout(
      OPEN_TIMEOUT_MS,
      opened.then(() => prepareSession(query)),
      late,
    );
    return { query, destroy: () => connection.destroy() };
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

/** A connection may change its config, so the pool makes a copy for each (BasePool in mysql2's lib/base/pool.js). */
function copy(config: object): object {
  return Object.create(Object.getPrototypeOf(config) as object, Object.getOwnPropertyDescriptors(config)) as object;
}

type Settings = Record<string, string | undefined>;

const SNAPSHOTS = new Set(['READ-COMMITTED', 'REPEATABLE-READ']);

async function topology(ask: (statement: string) => Promise<unknown[]>): Promise<Topology> {
  const settings = await variables(ask);
  const isCluster = settings.wsrep_on === 'ON' || (settings.group_replication_group_name ?? '') !== '';
  return { readOnly: isCluster ? '0' : '@@GLOBAL.read_only', problem: topologyProblem(settings) };
}

function topologyProblem(settings: Settings): string | undefined {
  const isolation = settings.transaction_isolation ?? settings.tx_isolation ?? '';
  if (!SNAPSHOTS.has(isolation)) return 'Set the isolation of its connections to READ COMMITTED or REPEATABLE READ.';
  if ((settings.query_cache_type ?? 'OFF') !== 'OFF') return 'Set query_cache_type = OFF.';
  if (settings.wsrep_on === 'ON')
    return (Number(settings.wsrep_sync_wait) & 1) === 1 ? undefined : 'On Galera, set wsrep_sync_wait = 1.';
  if ((settings.group_replication_group_name ?? '') === '') return undefined;
  // Not BEFORE_ON_PRIMARY_FAILOVER, the default: with it a member that is cut off goes on answering with old data.
  const before = ['BEFORE', 'BEFORE_AND_AFTER'].includes(settings.group_replication_consistency ?? '');
  return before ? undefined : "On Group Replication, set group_replication_consistency = 'BEFORE'.";
}

async function variables(ask: (statement: string) => Promise<unknown[]>): Promise<Settings> {
  const names = [
    'transaction_isolation',
    'tx_isolation',
    'query_cache_type',
    'wsrep_on',
    'wsrep_sync_wait',
    'group_replication_group_name',
    'group_replication_consistency',
  ];
  // A variable that the server does not have is just not in the answer.
  const rows = await ask(`SHOW SESSION VARIABLES WHERE Variable_name IN ('${names.join("', '")}')`);
  return Object.fromEntries(
    (rows as { Variable_name: string; Value: string }[]).map((row) => [row.Variable_name, row.Value]),
  );
}

async function durabilityProblems(dataSource: DataSource): Promise<string[]> {
  const [row] = await dataSource.query(
    'SELECT @@innodb_flush_log_at_trx_commit AS flushLog, @@log_bin AS logBin, @@sync_binlog AS syncBinlog',
  );
  return [
    ...(Number(row.flushLog) === 1 ? [] : [`innodb_flush_log_at_trx_commit is ${row.flushLog}; set it to 1.`]),
    ...(Number(row.logBin) === 0 || Number(row.syncBinlog) === 1
      ? []
      : [`sync_binlog is ${row.syncBinlog}; set it to 1.`]),
  ];
}

async function sessionProblems(dataSource: DataSource): Promise<string[]> {
  const [row] = await dataSource.query('SELECT @@autocommit AS autocommit, @@sql_mode AS sqlMode');
  return [
    ...(Number(row.autocommit) === 1 ? [] : ['autocommit is off; revoked secrets would go on working.']),
    ...(row.sqlMode.includes('NO_BACKSLASH_ESCAPES')
      ? ['sql_mode has NO_BACKSLASH_ESCAPES; mysql2 needs it off.']
      : []),
  ];
}

function probes(dataSource: DataSource, target: Target): Probes {
  return {
    version: async () => {
      const [{ version }] = await dataSource.query('SELECT VERSION() AS version');
      const name = `${NAMES[nameOf(version)]} ${version}`;
      const problem = versionProblem((target as ServerTarget).scheme, version);
      return finding(problem ? [`${name}: ${problem}`] : [], name);
    },
    durability: async () => finding(await durabilityProblems(dataSource), 'a commit is on disk when it returns'),
    session: async () => finding(await sessionProblems(dataSource), 'autocommit and quoting are as needed'),
    clock: async () => {
      const difference = clockDifference(await readClock(dataSource, sql.now));
      const seconds = `${(Math.abs(difference) / 1000).toFixed(1)} s ${difference < 0 ? 'behind' : 'ahead of'}`;
      const problem = `the database's clock is ${seconds} this machine's; set both by NTP.`;
      return finding(Math.abs(difference) > MAX_CLOCK_DIFFERENCE_MS ? [problem] : [], "within 1 s of this machine's");
    },
  };
}

/** Which one it is whose `SELECT VERSION()` is `version`. */
function nameOf(version: string): keyof typeof NAMES {
  return /mariadb/i.test(version) ? 'mariadb' : 'mysql';
}

/**
 * What is wrong with a server of that version, reached by a URL of that scheme, and what to do about it; undefined when
 * nothing is.
 */
export function versionProblem(scheme: string, version: string): string | undefined {
  const actual = nameOf(version);
  if (actual !== scheme) {
    return `this is ${NAMES[actual]}; begin DATABASE_URL with ${actual}:// instead of ${scheme}://.`;
  }
  // For old replication, MariaDB put 5.5.5- in front, and some proxies still do.
  const [, major, minor] = /^(?:5\.5\.5-)?(\d+)\.(\d+)/.exec(version) ?? [];
  const [minMajor, minMinor] = MINIMUM[actual];
  const enough = Number(major) > minMajor || (Number(major) === minMajor && Number(minor) >= minMinor);
  return enough ? undefined : `it needs ${NAMES[actual]} ${minMajor}.${minMinor} or newer; upgrade it.`;
}

async function migrateAlone<T>(dataSource: DataSource, run: () => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner(); // the lock belongs to its connection
  const name = `lk_migrate:${dataSource.driver.database}`.slice(0, 64);
  try {
    const [row] = await runner.query('SELECT GET_LOCK(?, ?) AS held', [name, LOCK_WAIT_SECONDS]);
    if (Number(row.held) !== 1)
      throw new Error(`another process has held the migration lock for ${LOCK_WAIT_SECONDS} s`);
    const result = await run();
    await runner.query('SELECT RELEASE_LOCK(?)', [name]);
    return result;
  } finally {
    await runner.release();
  }
}

const quoted = (statement: string) => statement.replaceAll('"', '`');

/** With its indexes: there is no CREATE INDEX IF NOT EXISTS. */
async function createTable(runner: QueryRunner, { name, columns, indices }: Table): Promise<void> {
  const tail = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';
  await runner.query(quoted(`CREATE TABLE IF NOT EXISTS ${name} (${[columns, ...indices].join(', ')}) ${tail}`));
}

async function addIndex(runner: QueryRunner, table: string, index: string): Promise<void> {
  const [, name] = /"(.+?)"/.exec(index)!;
  const statement =
    'SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? AND index_name = ?';
  const found = (await runner.query(statement, [table.replaceAll('"', ''), name])) as unknown[];
  if (found.length === 0) await runner.query(quoted(`ALTER TABLE ${table} ADD ${index}`));
}

/** MySQL and MariaDB: one driver, and nearly one SQL. */
export const mysql: Engine = {
  types: ['mysql', 'mariadb'],
  schemes: ['mysql', 'mariadb'],
  examples: ['mysql://…', 'mariadb://…'],
  sql,
  errors,
  parse: (url) => parseServerUrl(mysql, url, 3306),
  options: (target, { poolSize = 10, connectTimeoutMs = 3000, queryTimeoutMs = 5000, tls = false }) => {
    const { scheme, host, port, username, password, database } = target as ServerTarget;
    // mysql2 would compare an address's certificate with the name "localhost".
    if (tls && isIP(host)) throw new Error('TLS needs the database by its name: a certificate is checked against it');
    return {
      type: scheme as 'mysql' | 'mariadb',
      host,
      port,
      username,
      password,
      database,
      driver: mysqlDriver(queryTimeoutMs),
      charset: 'utf8mb4',
      timezone: 'Z',
      bigNumberStrings: false,
      poolSize,
      connectTimeout: connectTimeoutMs,
      // By default, mysql2 accepts a certificate for any host.
      ...(tls && { ssl: { verifyIdentity: true, minVersion: 'TLSv1.2', ...(tls !== true && { ca: tls.ca }) } }),
      extra: { queueLimit: 100 * poolSize, maxPreparedStatements: MAX_PREPARED },
    };
  },
  prepare: (dataSource) => dataSource,
  select: (dataSource, statement, parameters, timeoutMs) => execute(dataSource, statement, parameters, timeoutMs),
  write: async (dataSource, statement, parameters, timeoutMs) => {
    type Result = { affectedRows: number; insertId: number };
    const { affectedRows, insertId } = await execute<Result>(dataSource, statement, parameters, timeoutMs);
    return { affected: affectedRows, told: Number(insertId) };
  },
  pool: (dataSource) => {
    const { pool } = driverOf(dataSource);
    if (!pool) return undefined; // not connected yet
    const { _allConnections: all, _freeConnections: free, _connectionQueue: queue } = pool;
    return { open: all?.length ?? 0, idle: free?.length ?? 0, waiting: queue?.length ?? 0 };
  },
  connectAlone,
  topology,
  durabilityProblems,
  sessionProblems,
  openToCheck: (target, options) => new DataSource(mysql.options(target, { ...options, poolSize: 2 })).initialize(),
  probes,
  remedy,
  migrateAlone,
  createTable,
  addIndex,
  dropIndex: async (runner, table, name) => void (await runner.query(quoted(`DROP INDEX ${name} ON ${table}`))),
  quoted,
};
