import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { Actor } from '../users/principal.js';
import { hiddenFrom, requireManager } from '../users/user-name.js';
import { DAY_MS, type KeyFilter, keyCount } from './key-filter.js';

/** Days, today included, that the overview goes back. */
const DAYS = 30;
/** Events that it shows. */
const EVENTS = 10;
/** No transaction that makes a key and its first secret takes longer. */
const MINUTE_MS = 60_000;

export interface OverviewDay {
  /** As in `2026-11-24`; a day of UTC. */
  readonly date: string;
  /** Secrets made, first ones and others. */
  readonly generated: number;
  /** Secrets killed by a call that does only that; not those that a newer one has replaced. */
  readonly revoked: number;
}

export interface KeyEvent {
  readonly at: Date;
  /** `regenerated` for a secret that is not the first of its key; the one that it replaced is not told of. */
  readonly event: 'generated' | 'regenerated' | 'revoked';
  readonly user: { readonly name: string; readonly fullName: string };
  /** The name of a user, or `command`. */
  readonly by: string;
}

export interface Overview {
  readonly keys: {
    /** With a live secret; the next three are some of them. */
    readonly live: number;
    readonly neverUsed: number;
    /** Not used for 90 days; nor is a secret that was never used and is older. */
    readonly dormant: number;
    /** Within 30 days. */
    readonly expiring: number;
    /** Secrets, on all of `days`. */
    readonly revoked: number;
  };
  /** Oldest first, today last. */
  readonly days: OverviewDay[];
  /** Newest first. */
  readonly activity: KeyEvent[];
}

type Figure = number | string;
interface EventRow {
  at: Figure;
  actor: string;
  name: string;
  fullName: string;
  isFirst: Figure;
}

/**
 * Figures about all keys. They come from the secrets that are there: of each key the dead ones are kept for a while (see
 * forgetOldest), and those of a deleted user are gone, so that the past can become less.
 */
@Injectable()
export class OverviewService {
  constructor(private readonly database: Database) {}

  /** @throws LatchkeyError `forbidden` to who is no System Manager; `unavailable`. */
  async read(actor: Actor): Promise<Overview> {
    requireManager(actor);
    const now = Date.now();
    const hidden = await this.keyOf(hiddenFrom(actor));
    const firstDay = now - (now % DAY_MS) - (DAYS - 1) * DAY_MS;
    const [figures, generated, revoked, activity] = await Promise.all([
      this.figures(now, hidden),
      this.perDay('created_at', firstDay, hidden),
      this.perDay('revoked_at', firstDay, hidden),
      this.activity(hidden),
    ]);
    const days = Array.from({ length: DAYS }, (_, i): OverviewDay => {
      const day = firstDay + i * DAY_MS;
      return {
        date: new Date(day).toISOString().slice(0, 10),
        generated: generated.get(day) ?? 0,
        revoked: revoked.get(day) ?? 0,
      };
    });
    return { keys: { ...figures, revoked: days.reduce((sum, day) => sum + day.revoked, 0) }, days, activity };
  }

  /** The key of the user who is left out; '' for none. */
  private async keyOf(name: string | undefined): Promise<string> {
    if (name === undefined) return '';
    const sql = 'SELECT k.api_key AS apiKey FROM lk_users u JOIN lk_api_keys k ON k.user_id = u.id WHERE u.name = ?';
    return (await this.database.select<{ apiKey: string }>(sql, [name]))[0]?.apiKey ?? '';
  }

  private async figures(now: number, hidden: string): Promise<Omit<Overview['keys'], 'revoked'>> {
    const count = async (filter: Exclude<KeyFilter, 'revoked' | 'none'>) => {
      const { sql, parameters } = keyCount(filter, now, hidden);
      const [row] = await this.database.select<{ count: Figure }>(`SELECT ${sql} AS count`, parameters);
      return Number(row!.count);
    };
    const [live, neverUsed, dormant, expiring] = await Promise.all([
      count('live'),
      count('never-used'),
      count('unused-90-days'),
      count('expiring'),
    ]);
    return { live, neverUsed, dormant, expiring };
  }

  /** How many secrets were made, or revoked, on each day, by the time when it began. */
  private async perDay(
    column: 'created_at' | 'revoked_at',
    from: number,
    hidden: string,
  ): Promise<Map<number, number>> {
    const asked = column === 'revoked_at' ? 'AND revoked_by IS NOT NULL' : '';
    const rows = await this.database.select<{ day: Figure; count: Figure }>(
      `SELECT ${column} - ${column} % ${DAY_MS} AS day, COUNT(*) AS count FROM lk_api_secrets
        WHERE ${column} >= ? ${asked} AND api_key <> ? GROUP BY ${column} - ${column} % ${DAY_MS}`,
      [from, hidden],
    );
    return new Map(rows.map(({ day, count }) => [Number(day), Number(count)]));
  }

  private async activity(hidden: string): Promise<KeyEvent[]> {
    const made = await this.events('created', 0, hidden);
    // No further back than those: there are no more dead secrets since then than were made, but for those asked for.
    const since = made.length < EVENTS ? 0 : Number(made.at(-1)!.at);
    const revoked = await this.events('revoked', since, hidden);
    return [
      ...made.map((row) => toEvent(row, Number(row.isFirst) ? 'generated' : 'regenerated')),
      ...revoked.map((row) => toEvent(row, 'revoked')),
    ]
      .toSorted((a, b) => b.at.getTime() - a.at.getTime())
      .slice(0, EVENTS);
  }

  private events(verb: 'created' | 'revoked', since: number, hidden: string): Promise<EventRow[]> {
    return this.database.select(
      `SELECT s.at, s.actor, u.name, u.full_name AS fullName,
              (s.created_at <= k.created_at + ${MINUTE_MS} AND NOT EXISTS (
                SELECT 1 FROM lk_api_secrets o WHERE o.api_key = s.api_key AND o.created_at < s.created_at)) AS isFirst
         FROM (SELECT ${verb}_at AS at, ${verb}_by AS actor, api_key, created_at FROM lk_api_secrets
                WHERE ${verb}_at >= ? AND ${verb}_by IS NOT NULL AND api_key <> ?
                ORDER BY ${verb}_at DESC LIMIT ${EVENTS}) AS s
         JOIN lk_api_keys k ON k.api_key = s.api_key
         JOIN lk_users u ON u.id = k.user_id
        ORDER BY s.at DESC`,
      [since, hidden],
    );
  }
}

function toEvent({ at, actor: by, name, fullName }: EventRow, event: KeyEvent['event']): KeyEvent {
  return { at: new Date(Number(at)), event, user: { name, fullName }, by };
}
