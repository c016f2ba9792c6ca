import type { Database } from '../database/database.js';
import { timedOut } from '../database/driver-error.js';

/** Whose allowance it is: a current secret and a retiring one of the same name have one together. */
export interface ShareOf {
  readonly apiKey: string;
  readonly name: string;
  /** The length of the window. */
  readonly seconds: number;
}

/** What came of asking for a share. */
export interface Share {
  /** Requests that may be let in; 0: the window has none left. */
  readonly taken: number;
  /** What the window has left for others. */
  readonly left: number;
  /** When the window ends that they are of (milliseconds since 1970): a process with a clock ahead may have begun the next. */
  readonly endsAt: number;
}

interface Row {
  endsAt: number | string;
  used: number | string;
}

const TIMEOUT_MS = 1000;
const ATTEMPTS = 10;
const KEY = 'api_key = ? AND name = ? AND seconds = ?';
/** How long a statement may wait in the database, and more, in milliseconds. */
const LATE_MS = 6000;

interface Wanted {
  /** Requests that wait for it. */
  readonly needed: number;
  /** How many more to take when so many are left. */
  readonly inAdvance: (left: number) => number;
  /** What is left, as far as is known. */
  readonly left: number;
  /** What the window allows in all. */
  readonly requests: number;
  readonly endsAt: number;
}

/** Takes a share of what a window allows, by one statement: two processes can't take the same requests. */
export async function takeShare(
  database: Database,
  of: ShareOf,
  { needed, inAdvance, left: known, requests, endsAt: ownEnd }: Wanted,
): Promise<Share> {
  let left = known;
  let endsAt = ownEnd;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const more = inAdvance(left);
    const taken = Math.min(left, needed + more);
    if (taken === 0) return { taken, left, endsAt };
    // What is taken in advance is judged again where others have taken much since: none of the last ones is.
    const room = more > 0 ? Math.max(taken, Math.ceil(left / 2)) : taken;
    const used = await addUsed(database, of, { taken, room, requests, endsAt });
    if (used !== undefined) return { taken, left: Math.max(0, requests - used), endsAt };
    const [row] = await database.select<Row>(
      `SELECT ends_at AS endsAt, used FROM lk_shares WHERE ${KEY}`,
      keyOf(of),
      TIMEOUT_MS,
    );
    if (!row) {
      await insertEmpty(database, of);
      continue;
    }
    // A process whose clock is ahead may have begun the next window.
    endsAt = Math.max(endsAt, Number(row.endsAt));
    if (Number(row.endsAt) === endsAt) left = Math.max(0, requests - Number(row.used));
  }
  throw timedOut('Others were faster at taking a share, each time');
}

/** @returns how many are used then; undefined when there is not so much room, or the window is another one. */
async function addUsed(
  database: Database,
  of: ShareOf,
  { taken, room, requests, endsAt }: { taken: number; room: number; requests: number; endsAt: number },
): Promise<number | undefined> {
  const used = 'CASE WHEN ends_at = ? THEN used + ? ELSE ? END';
  // A row of a window that is over is free for the next one, and so is one of a clock that was far ahead. That is judged by
  // the clock of the database too: a statement that comes late, as when this process was frozen, knows an old time.
  const { now, updateTelling } = database.engine.sql;
  const where = `${KEY} AND (ends_at < ? OR (ends_at > ? AND ends_at > ${now} + ?) OR (ends_at = ? AND used + ? <= ?))`;
  const sql = updateTelling('lk_shares', 'used', used, `ends_at = ? WHERE ${where}`);
  const length = 1000 * of.seconds;
  const tooFar = [endsAt + length, length + LATE_MS];
  const parameters = [endsAt, taken, taken, endsAt, ...keyOf(of), endsAt, ...tooFar, endsAt, room, requests];
  const { affected, told } = await database.write(sql, parameters, TIMEOUT_MS);
  return affected === 0 ? undefined : told;
}

async function insertEmpty(database: Database, of: ShareOf): Promise<void> {
  const row = 'lk_shares (api_key, name, seconds, ends_at, used, reached_at) VALUES (?, ?, ?, 0, 0, 0)';
  await database.write(database.engine.sql.insertNew(row), keyOf(of), TIMEOUT_MS);
}

/** Notes that a window has nothing left. @returns whether nobody has noted it before. */
export async function noteReached(database: Database, of: ShareOf, endsAt: number): Promise<boolean> {
  const sql = `UPDATE lk_shares SET reached_at = ? WHERE ${KEY} AND ends_at = ? AND reached_at <> ?`;
  const { affected } = await database.write(sql, [endsAt, ...keyOf(of), endsAt, endsAt], TIMEOUT_MS);
  return affected > 0;
}

/** Deletes rows of windows that ended long ago. */
export async function forgetShares(database: Database, before: number): Promise<void> {
  await database.write('DELETE FROM lk_shares WHERE ends_at < ?', [before], TIMEOUT_MS);
}

function keyOf({ apiKey, name, seconds }: ShareOf): (string | number)[] {
  return [apiKey, name, seconds];
}
