import type { DataSource } from 'typeorm';

/**
 * The settings of a host's connections with which a revoked secret would go on working, or a parameter could become SQL. A
 * DataSource of our own sets them itself.
 * @returns one sentence for each finding; empty when all is well.
 */
export async function sessionProblems(dataSource: DataSource): Promise<string[]> {
  const { type } = dataSource.options;
  if (type !== 'mysql' && type !== 'mariadb') return [];
  const [row] = await dataSource.query('SELECT @@autocommit AS autocommit, @@sql_mode AS sqlMode');
  return [
    ...(Number(row.autocommit) === 1 ? [] : ['autocommit is off; revoked secrets would go on working.']),
    ...(row.sqlMode.includes('NO_BACKSLASH_ESCAPES')
      ? ['sql_mode has NO_BACKSLASH_ESCAPES; mysql2 needs it off.']
      : []),
  ];
}

/**
 * The settings of the database with which a crash would lose an acknowledged change.
 * @returns one sentence for each finding; empty when all is well.
 */
export async function durabilityProblems(dataSource: DataSource): Promise<string[]> {
  const { type } = dataSource.options;
  if (type === 'mysql' || type === 'mariadb') {
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
  if (type === 'better-sqlite3' || type === 'sqljs') {
    const [row] = await dataSource.query('PRAGMA synchronous');
    return row.synchronous >= 2 ? [] : [`synchronous is ${row.synchronous}; set PRAGMA synchronous = FULL.`];
  }
  return [];
}
