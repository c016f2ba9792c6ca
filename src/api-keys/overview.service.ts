import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { Actor } from '../users/principal.js';
import { hiddenFrom, requireManager } from '../users/user-name.js';
import { type KeyEvent, lastEvents } from './key-events.js';
import { DAY_MS, keyCount, type LiveFilter } from './key-filter.js';

/** Days, today included, that the overview goes back. */
const DAYS = 30;

export interface OverviewDay {
  /** As in `2026-11-24`; a day of UTC. */
  readonly date: string;
  /** Secrets made, first ones and others. */
  readonly generated: number;
  /** Secrets killed by a call that does only that; not those that a newer one has replaced. */
  readonly revoked: number;
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
  /** The newest first. */
  readonly activity: KeyEvent[];
}

type Figure = number | string;

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
      lastEvents(this.database, hidden),
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
    const count = async (filter: LiveFilter) => {
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
}
