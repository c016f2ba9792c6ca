import { createRequire } from 'node:module';
import type * as Mysql2 from 'mysql2';
import { timedOut } from '../driver-error.js';

type Callback = (error: unknown, ...rest: unknown[]) => void;
type Method = (...args: unknown[]) => unknown;
type Connection = Record<'query' | 'execute', Method> & { destroy(): void };
interface Pool {
  getConnection(callback: (error: Error | null, connection?: { release(): void }) => void): void;
}

/**
 * The settings that must not depend on the server's defaults. Without autocommit, a connection goes on reading its first
 * snapshot, in which a revoked secret is live. Without backslash escapes, a parameter can break out of mysql2's quoting.
 */
const SESSION = [
  "SET SESSION autocommit = 1, sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', '')",
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
];
/**
 * On Galera and on Group Replication, a read waits until the member has applied all that was committed anywhere before.
 * Each of these variables exists only there.
 */
const CLUSTER = [
  'SET SESSION wsrep_sync_wait = 1',
  `SET SESSION group_replication_consistency =
     IF(@@SESSION.group_replication_consistency IN ('AFTER', 'BEFORE_AND_AFTER'), 'BEFORE_AND_AFTER', 'BEFORE')`,
];
const ER_UNKNOWN_SYSTEM_VARIABLE = 1193;

/** Sets the session variables of a connection. @throws the driver's error. */
export async function prepareSession(ask: (sql: string) => Promise<unknown>): Promise<void> {
  // Sent at once: they are first in the connection's queue.
  const answers = SESSION.map(ask);
  const waits = CLUSTER.map((sql) =>
    ask(sql).catch((error: { errno?: number }) => {
      if (error.errno !== ER_UNKNOWN_SYSTEM_VARIABLE) throw error;
    }),
  );
  await Promise.all([...answers, ...waits]);
}

/**
 * mysql2 for TypeORM's `driver` option, with a limit on every query. mysql2's own `timeout` does not cover the preparing
 * of a statement, and puts a connection that is still busy back into the pool, where the next query waits behind it.
 * Here a connection that ran out of time is destroyed.
 */
export function mysqlDriver(queryTimeoutMs: number): object {
  // Loaded only when it is needed: that takes a tenth of the time of a command.
  const mysql2 = createRequire(import.meta.url)('mysql2') as typeof Mysql2;
  return {
    ...mysql2,
    createPool(options: Mysql2.PoolOptions): Mysql2.Pool {
      const pool = mysql2.createPool(options);
      pool.on('connection', (connection) => {
        // A connection that can't be prepared is not used.
        const ask = (sql: string) =>
          new Promise((resolve, reject) => {
            connection.query(sql, (error, result) => (error ? reject(error) : resolve(result)));
          });
        prepareSession(ask).catch(() => connection.destroy());
        limit(connection as unknown as Connection, queryTimeoutMs);
      });
      limitWaiting(pool as unknown as Pool, queryTimeoutMs);
      return pool;
    },
  };
}

/** Nobody waits longer for a free connection than for an answer. A connection that comes too late goes back. */
function limitWaiting(pool: Pool, timeoutMs: number): void {
  const original = pool.getConnection.bind(pool);
  pool.getConnection = (callback) => {
    let waiting = true;
    const timer = setTimeout(() => {
      waiting = false;
      callback(timedOut(`No connection to the database was free within ${timeoutMs} ms`));
    }, timeoutMs);
    original((error, connection) => {
      clearTimeout(timer);
      if (waiting) callback(error, connection);
      else connection?.release();
    });
  };
}

function limit(connection: Connection, timeoutMs: number): void {
  for (const method of ['query', 'execute'] as const) {
    const original = connection[method].bind(connection);
    connection[method] = (...args) => {
      const callback = args.at(-1);
      if (typeof callback !== 'function') return original(...args);
      let done = false;
      const finish: Callback = (...results) => {
        clearTimeout(timer);
        if (!done) (callback as Callback)(...results);
        done = true;
      };
      const timer = setTimeout(() => {
        connection.destroy();
        finish(timedOut(`The database did not answer within ${timeoutMs} ms`));
      }, timeoutMs);
      return original(...args.slice(0, -1), finish);
    };
  }
}
