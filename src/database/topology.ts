/** The properties of a database that decide whether its answers are current. */
export interface Topology {
  /** An SQL expression: 0 or OFF, unless the server may be a replica, whose answers may be old. */
  readonly readOnly: string;
  /** Why what was read may not be cached: a sentence that says what to set. Undefined when it may. */
  readonly problem?: string;
}

type Settings = Record<string, string | undefined>;
type Ask = (sql: string) => Promise<unknown[]>;

const SNAPSHOTS = new Set(['READ-COMMITTED', 'REPEATABLE-READ']);

/**
 * Reads the settings of a database and of one connection to it. A read that can miss a change which was answered before
 * the read began would let a revoked secret in (docs/revocation.md).
 */
export async function topologyOf(engine: string, ask: Ask): Promise<Topology> {
  if (engine === 'better-sqlite3') return { readOnly: '0' };
  if (engine !== 'mysql' && engine !== 'mariadb')
    return { readOnly: '0', problem: `${engine} has not been tried: use MySQL, MariaDB or SQLite.` };
  const settings = await variables(ask);
  const isCluster = settings.wsrep_on === 'ON' || (settings.group_replication_group_name ?? '') !== '';
  return { readOnly: isCluster ? '0' : '@@GLOBAL.read_only', problem: problemOf(settings) };
}

function problemOf(settings: Settings): string | undefined {
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

async function variables(ask: Ask): Promise<Settings> {
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
