import type { EntityManager } from 'typeorm';
import { engineOf } from '../database/engines/index.js';

export const HOUR_MS = 60 * 60 * 1000;
export const DAY_MS = 24 * HOUR_MS;
/** In place of a secret and its key: all of them together. */
export const ALL = '*';
/** How long hours are kept; then they become days. */
export const HOURS_KEPT_MS = 35 * DAY_MS;

/** How often a secret was used in an hour or a day. */
export interface Count {
  readonly secretId: string;
  readonly apiKey: string;
  readonly byDay: 0 | 1;
  /** Milliseconds since 1970. */
  readonly startsAt: number;
  readonly accepted: number;
  readonly limited: number;
}

/** In one statement. */
const ROWS_AT_ONCE = 200;
/** Rows that are tidied up in one transaction. */
const TIDIED_AT_ONCE = 500;

/**
 * Adds counts, unless this write was made before: then its answer was lost.
 * @param writer the process, and the number of its write.
 */
export async function writeCounts(
  manager: EntityManager,
  counts: readonly Count[],
  { id, n }: { id: string; n: number },
): Promise<void> {
  if (!(await isNewWrite(manager, id, n))) return;
  await addCounts(manager, [...counts, ...totals(counts)]);
}

async function isNewWrite(manager: EntityManager, id: string, n: number): Promise<boolean> {
  // Locked: the same write may be under way on a connection that this process has given up.
  const { forUpdate } = engineOf(manager.dataSource).sql;
  const [writer] = (await manager.query(`SELECT n FROM lk_usage_writers WHERE id = ? ${forUpdate}`, [id])) as {
    n: number | string;
  }[];
  if (writer && Number(writer.n) >= n) return false;
  const [sql, values] = writer
    ? ['UPDATE lk_usage_writers SET n = ?, at = ? WHERE id = ?', [n, Date.now(), id]]
    : ['INSERT INTO lk_usage_writers (n, at, id) VALUES (?, ?, ?)', [n, Date.now(), id]];
  await manager.query(sql, values);
  return true;
}

/** The same of all secrets together. */
function totals(counts: readonly Count[]): Count[] {
  const sums = new Map<number, Count>();
  for (const { startsAt, byDay, accepted, limited } of counts) {
    const sum = sums.get(startsAt) ?? { accepted: 0, limited: 0 };
    sums.set(startsAt, {
      secretId: ALL,
      apiKey: ALL,
      byDay,
      startsAt,
      accepted: sum.accepted + accepted,
      limited: sum.limited + limited,
    });
  }
  return [...sums.values()];
}

/** Every process locks in the same order. */
async function addCounts(manager: EntityManager, counts: readonly Count[]): Promise<void> {
  const { sql } = engineOf(manager.dataSource);
  const add = sql.addTo('lk_usage', ['secret_id', 'by_day', 'starts_at'], ['accepted', 'limited']);
  const sorted = counts.toSorted((a, b) => a.startsAt - b.startsAt || (a.secretId < b.secretId ? -1 : 1));
  for (let i = 0; i < sorted.length; i += ROWS_AT_ONCE) {
    const rows = sorted.slice(i, i + ROWS_AT_ONCE);
    await manager.query(
      `INSERT INTO lk_usage (secret_id, by_day, starts_at, api_key, accepted, limited)
       VALUES ${rows.map(() => '(?, ?, ?, ?, ?, ?)').join(', ')} ${add}`,
      rows.flatMap((row) => [row.secretId, row.byDay, row.startsAt, row.apiKey, row.accepted, row.limited]),
    );
  }
}

/**
 * Makes days of some of the oldest hours that are no longer kept, and deletes some of the oldest days and writers.
 * @param daysKept how long days are kept; 0: for ever.
 * @returns whether there may be more to do.
 */
export async function tidyUsage(manager: EntityManager, daysKept: number, now = Date.now()): Promise<boolean> {
  // One process at a time: each would add the same hours to their day.
  await manager.query(`UPDATE lk_usage_writers SET at = ? WHERE id = '${ALL}'`, [now]);
  const hours = await oldest(manager, 0, now - HOURS_KEPT_MS);
  const days = new Map<string, Count>();
  for (const { secretId, apiKey, startsAt, accepted, limited } of hours) {
    const day = startsAt - (startsAt % DAY_MS);
    const key = `${secretId} ${day}`;
    const sum = days.get(key) ?? { accepted: 0, limited: 0 };
    const both = { accepted: sum.accepted + accepted, limited: sum.limited + limited };
    days.set(key, { secretId, apiKey, byDay: 1, startsAt: day, ...both });
  }
  await addCounts(manager, [...days.values()]);
  await deleteCounts(manager, hours);
  const outdated = daysKept > 0 ? await oldest(manager, 1, now - daysKept * DAY_MS) : [];
  await deleteCounts(manager, outdated);
  await manager.query(`DELETE FROM lk_usage_writers WHERE at < ? AND id <> '${ALL}'`, [now - DAY_MS]);
  return hours.length === TIDIED_AT_ONCE || outdated.length === TIDIED_AT_ONCE;
}

async function oldest(manager: EntityManager, byDay: 0 | 1, before: number): Promise<Count[]> {
  const rows = (await manager.query(
    `SELECT secret_id AS secretId, api_key AS apiKey, starts_at AS startsAt, accepted, limited FROM lk_usage
      WHERE by_day = ? AND starts_at < ? ORDER BY starts_at, secret_id LIMIT ${TIDIED_AT_ONCE}`,
    [byDay, before],
  )) as Record<'secretId' | 'apiKey' | 'startsAt' | 'accepted' | 'limited', string>[];
  return rows.map(({ secretId, apiKey, startsAt, accepted, limited }) => {
    const numbers = { startsAt: Number(startsAt), accepted: Number(accepted), limited: Number(limited) };
    return { secretId, apiKey, byDay, ...numbers };
  });
}

async function deleteCounts(manager: EntityManager, counts: readonly Count[]): Promise<void> {
  for (const startsAt of new Set(counts.map((count) => count.startsAt))) {
    const rows = counts.filter((count) => count.startsAt === startsAt);
    await manager.query(
      `DELETE FROM lk_usage
        WHERE by_day = ? AND starts_at = ? AND secret_id IN (${rows.map(() => '?').join(', ')})`,
      [rows[0]!.byDay, startsAt, ...rows.map(({ secretId }) => secretId)],
    );
  }
}
