import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { Actor } from '../users/principal.js';
import { hiddenFrom, requireManager } from '../users/user-name.js';
import { findOwner, type Owner } from './api-key-rows.js';
import { DAY_MS, keyCount, type LiveFilter, ownerCount } from './key-filter.js';

/** How many days the overview has, today included. */
const DAYS = 30;

export interface OverviewDay {
  /** A day in UTC, as in `2026-11-24`. */
  readonly date: string;
  /** Secrets generated, first ones and later ones. */
  readonly generated: number;
  /** Secrets revoked by a call; not those that a newer one has replaced. */
  readonly revoked: number;
}

export interface Overview {
  /** Of enabled users. */
  readonly keys: {
    /** With a live secret; the next three figures are parts of this one. */
    readonly live: number;
    readonly neverUsed: number;
    /** Not used for 90 days; or never used, and older than that. */
    readonly dormant: number;
    /** They expire within 30 days. */
    readonly expiring: number;
    /** Without a live secret. */
    readonly revoked: number;
  };
  /** Oldest first, today last. */
  readonly days: OverviewDay[];
}

type Figure = number | string;

const NOBODY: Owner = { id: '', apiKey: '' };

/**
 * Figures about all keys. They are counted from the secrets that are kept: of each key the last few dead ones (see
 * forgetOldest), and none of a deleted user. So figures of the past can become smaller.
 */
@Injectable()
export class OverviewService {
  constructor(private readonly database: Database) {}

  /** @throws LatchkeyError `forbidden` for an actor who is not a System Manager; `unavailable`. */
  async read(actor: Actor): Promise<Overview> {
    requireManager(actor);
    const now = Date.now();
    const hiddenName = hiddenFrom(actor);
    const omitted = (hiddenName === undefined ? undefined : await findOwner(this.database, hiddenName)) ?? NOBODY;
    const hidden = omitted.apiKey;
    const firstDay = now - (now % DAY_MS) - (DAYS - 1) * DAY_MS;
    const [figures, generated, revoked] = await Promise.all([
      this.figures(now, omitted),
      this.perDay('created_at', firstDay, hidden),
      this.perDay('revoked_at', firstDay, hidden),
    ]);
    const days = Array.from({ length: DAYS }, (_, i): OverviewDay => {
      const day = firstDay + i * DAY_MS;
      return {
        date: new Date(day).toISOString().slice(0, 10),
        generated: generated.get(day) ?? 0,
        revoked: revoked.get(day) ?? 0,
      };
    });
    return { keys: figures, days };
  }

  private async figures(now: number, hidden: Owner): Promise<Overview['keys']> {
    const count = async ({ sql, parameters }: { sql: string; parameters: (string | number)[] }) => {
      const [row] = await this.database.select<{ count: Figure }>(`SELECT ${sql} AS count`, parameters);
      return Number(row!.count);
    };
    const those = (filter: LiveFilter) => count(keyCount(filter, now, hidden.apiKey));
    const [all, live, neverUsed, dormant, expiring] = await Promise.all([
      count(ownerCount(hidden.id)),
      those('live'),
      those('never-used'),
      those('unused-90-days'),
      those('expiring'),
    ]);
    return { live, neverUsed, dormant, expiring, revoked: Math.max(0, all - live) };
  }

  /** How many secrets were generated, or revoked, on each day; by the time at which the day began. */
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
