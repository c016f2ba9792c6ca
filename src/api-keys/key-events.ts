import type { Database } from '../database/database.js';
import { IN_TURN } from '../users/user-conditions.js';

export interface KeyEvent {
  readonly at: Date;
  /** `regenerated` for a secret that is not the first of its key. The end of the one that it replaced is no event. */
  readonly event: 'generated' | 'regenerated' | 'revoked';
  readonly user: { readonly name: string; readonly fullName: string };
  /** The name of a user, or `command`. */
  readonly by: string;
}

/** How many events are returned. */
const EVENTS = 10;
/** A transaction that makes a key and its first secret takes less than this. */
const MINUTE_MS = 60_000;

interface Row {
  at: number | string;
  actor: string;
  name: string;
  fullName: string;
  isFirst: number | string;
}

/**
 * The last events of keys, newest first, as far as the kept secrets show them.
 * @param hidden a key that is left out; '' for none.
 */
export async function lastEvents(database: Database, hidden: string): Promise<KeyEvent[]> {
  const made = await read(database, 'created', 0, hidden);
  // No further back than those: so few replaced secrets are read, which are skipped.
  const since = made.length < EVENTS ? 0 : Number(made.at(-1)!.at);
  const revoked = await read(database, 'revoked', since, hidden);
  return [
    ...revoked.map((row) => toEvent(row, 'revoked')),
    ...made.map((row) => toEvent(row, Number(row.isFirst) ? 'generated' : 'regenerated')),
  ]
    .toSorted((a, b) => b.at.getTime() - a.at.getTime())
    .slice(0, EVENTS);
}

/** The first secret of a key may have been deleted: then the oldest one is more than a minute younger than the key. */
function read(database: Database, verb: 'created' | 'revoked', since: number, hidden: string): Promise<Row[]> {
  return database.select(
    `SELECT ${IN_TURN} e.at, e.actor, u.name, u.full_name AS fullName,
            (e.created_at <= k.created_at + ${MINUTE_MS} AND NOT EXISTS (
              SELECT 1 FROM lk_api_secrets o WHERE o.api_key = e.api_key AND o.created_at < e.created_at)) AS isFirst
       FROM (SELECT ${verb}_at AS at, ${verb}_by AS actor, api_key, created_at FROM lk_api_secrets
              WHERE ${verb}_at >= ? AND ${verb}_by IS NOT NULL AND api_key <> ?
              ORDER BY ${verb}_at DESC LIMIT ${EVENTS}) AS e
      CROSS JOIN lk_api_keys k ON k.api_key = e.api_key
      CROSS JOIN lk_users u ON u.id = k.user_id
      ORDER BY e.at DESC`,
    [since, hidden],
  );
}

function toEvent({ at, actor: by, name, fullName }: Row, event: KeyEvent['event']): KeyEvent {
  return { at: new Date(Number(at)), event, user: { name, fullName }, by };
}
