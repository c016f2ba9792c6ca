import type { EntityManager } from 'typeorm';
import type { ChainHead } from '../audit/chain.js';
import { engineOf } from './engines/index.js';

/** The row of lk_revision: the number of the newest change, and the end of the audit trail. */
export interface Head {
  readonly revision: number;
  readonly tag: number;
  readonly trail: ChainHead;
  /** The time of the newest row of the trail. Milliseconds since 1970, as all times here. */
  readonly at: number;
  /** The database's clock, and never before the newest row of the trail. */
  readonly now: number;
}

interface Row {
  n: number | string;
  tag: number | string;
  auditN: number | string;
  auditHash: string;
  auditAt: number | string;
  now: number | string;
}

/**
 * Locks the row until COMMIT, as one of the last statements of a transaction. So its numbers are in the order of commits,
 * and who reads a number has read every change up to it.
 */
export async function lockHead(manager: EntityManager): Promise<Head> {
  const { sql } = engineOf(manager.dataSource);
  const [row] = (await manager.query(
    `SELECT n, tag, audit_n AS auditN, audit_hash AS auditHash, audit_at AS auditAt, ${sql.now} AS now
       FROM lk_revision WHERE id = 1 ${sql.forUpdate}`,
  )) as Row[];
  if (!row) throw new Error('The table lk_revision has lost its row.');
  return {
    revision: Number(row.n),
    tag: Number(row.tag),
    trail: { n: Number(row.auditN), hash: row.auditHash },
    at: Number(row.auditAt),
    now: Math.max(Number(row.now), Number(row.auditAt)),
  };
}

/** Writes the row that `lockHead` has locked. */
export async function writeHead(manager: EntityManager, { revision, tag, trail, at }: Head): Promise<void> {
  const sql = 'UPDATE lk_revision SET n = ?, tag = ?, audit_n = ?, audit_hash = ?, audit_at = ? WHERE id = 1';
  await manager.query(sql, [revision, tag, trail.n, trail.hash, at]);
}
