import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import type { Actor } from '../users/principal.js';
import { hiddenFrom, requireManager } from '../users/user-name.js';
import { findOwner, type Owner } from './api-key-rows.js';
import { keyCount, type LiveFilter, ownerCount } from './key-filter.js';

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
}

type Figure = number | string;

const NOBODY: Owner = { id: '', apiKey: '' };

/**
 * Figures about all keys. They are counted from the secrets that are kept: of each key the last few dead ones (see
 * forgetOldest), and none of a deleted user.
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
    return { keys: await this.figures(now, omitted) };
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
}
