import { Inject, Injectable, Logger, Optional } from '../nest-core.js';
import { Database, UPKEEP } from '../database/database.js';
import { LATCHKEY_OPTIONS } from '../database/own-database.js';
import type { RateLimit } from '../users/rate-limits.js';
import type { AuditOptions } from './audit-options.js';
import { recordGathered } from './trail.js';

const INTERVAL_MS = 60_000;
/** So many are told apart in an interval; all others of an event are one row. */
const MAX_APART = 100;

/** Somebody who was refused. */
export interface Refusal {
  readonly event: 'session.refused' | 'secret.refused_address' | 'limit.reached';
  /** Who asked, as far as that is proved. */
  readonly actor: string;
  readonly subject: string | null;
  readonly credential: string | null;
  readonly apiKey: string | null;
  readonly address: string | null;
  /** The one that was reached. */
  readonly limit?: RateLimit;
}

interface Gathered {
  readonly refusal: Refusal;
  readonly from: Date;
  readonly to: Date;
  readonly count: number;
}

/**
 * Records refusals in the audit trail, those that are alike as one row with their number, each minute and at the end. So
 * nobody fills a disk by guessing: a process writes 103 rows a minute at most. What a process has gathered is lost with it.
 */
@Injectable()
export class GatheredRefusals {
  private readonly logger = new Logger('Audit');
  private gathered = new Map<string, Gathered>();
  private timer: NodeJS.Timeout | undefined;
  private written: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    @Optional() @Inject(LATCHKEY_OPTIONS) private readonly options: AuditOptions = {},
  ) {}

  add(refused: Refusal): void {
    const refusal = this.options.recordAddresses === false ? { ...refused, address: null } : refused;
    const now = new Date();
    this.gather({ refusal, from: now, to: now, count: 1 });
  }

  /** Before the database is closed: Nest shuts global modules, as the database's is, down last. */
  async onApplicationShutdown(): Promise<void> {
    await this.write();
  }

  /** Writes all that was gathered, after a write that is under way. */
  write(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.written = this.written.then(() => this.writeAll());
    return this.written;
  }

  private gather({ refusal, from, to, count }: Gathered): void {
    const { event, subject, credential, address, limit } = refusal;
    const apart = JSON.stringify([event, subject, credential, address, limit]);
    const isApart = this.gathered.has(apart) || this.gathered.size < MAX_APART;
    const key = isApart ? apart : event;
    const known = this.gathered.get(key);
    const all = isApart ? refusal : othersOf(refusal);
    this.gathered.set(key, {
      refusal: all,
      from: known && known.from < from ? known.from : from,
      to: known && known.to > to ? known.to : to,
      count: count + (known?.count ?? 0),
    });
    this.timer ??= setTimeout(() => void this.write(), INTERVAL_MS).unref();
  }

  private async writeAll(): Promise<void> {
    const all = [...this.gathered.values()];
    if (all.length === 0) return;
    this.gathered = new Map();
    try {
      await this.database.change(UPKEEP, async (manager) => {
        for (const { refusal, from, to, count } of all) {
          const { limit, ...refused } = refusal;
          recordGathered(manager, refused, { count, from, to, ...limit });
        }
      });
    } catch (error) {
      this.logger.warn(`Could not record refusals in the audit trail; will try again. ${(error as Error).message}`);
      for (const gathered of all) this.gather(gathered);
    }
  }
}

/** In place of those that are too many to be told apart. */
function othersOf({ event }: Refusal): Refusal {
  return { event, actor: 'Guest', subject: null, credential: null, apiKey: null, address: null };
}
