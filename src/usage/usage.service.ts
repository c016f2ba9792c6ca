import { Inject, Injectable, Logger, Optional } from '../nest-core.js';
import { ApiKeysService } from '../api-keys/api-keys.service.js';
import { Database, UPKEEP } from '../database/database.js';
import { everyHour } from '../database/every-hour.js';
import { LATCHKEY_OPTIONS } from '../database/own-database.js';
import { invalid, LatchkeyError } from '../latchkey.error.js';
import type { Actor } from '../users/principal.js';
import { requireManager } from '../users/user-name.js';
import { UsersService } from '../users/users.service.js';
import { findOwner } from '../api-keys/api-key-rows.js';
import { ALL, DAY_MS, HOUR_MS, HOURS_KEPT_MS, tidyUsage } from './usage-rows.js';

export interface UsageOptions {
  /** For how many days it is kept how often secrets were used; 0: for ever. Default 400. */
  readonly usageDays?: number;
}

/** Of whom; of all secrets where nothing is said. */
export interface UsageOf {
  readonly user?: string;
  readonly apiKey?: string;
  readonly secretId?: string;
}

export interface UsageQuery extends UsageOf {
  /** The first hour or day is that of this time. By default 30 days ago, or 24 hours ago. */
  readonly from?: Date;
  /** The last one is that of this time. By default now. */
  readonly to?: Date;
  readonly by?: 'hour' | 'day';
}

export interface UsageCount {
  /** When the hour or day (of UTC) began. */
  readonly from: Date;
  /** How often somebody was let in. */
  readonly accepted: number;
  /** How often a limit has kept somebody out. */
  readonly limited: number;
}

const MAX_COUNTS = 1000;
const NOWHERE = { column: 'api_key', value: '' };

/** How often secrets were used; precise to 30 s. All methods throw LatchkeyError: `not_found`, `validation_failed`, `forbidden`. */
@Injectable()
export class UsageService {
  private end: (() => void) | undefined;

  constructor(
    private readonly database: Database,
    private readonly apiKeys: ApiKeysService,
    private readonly users: UsersService,
    @Optional() @Inject(LATCHKEY_OPTIONS) private readonly options: UsageOptions = {},
  ) {}

  onApplicationBootstrap(): void {
    this.end = everyHour(new Logger('Usage'), 'tidy up the usage of secrets', () => this.tidyUp());
  }

  onApplicationShutdown(): void {
    this.end?.();
  }

  /** One count for each hour or day, oldest first. Managers see anybody's whom they have power over, others their own. */
  async read(actor: Actor, { from, to = new Date(), by = 'day', ...of }: UsageQuery = {}): Promise<UsageCount[]> {
    const size = by === 'day' ? DAY_MS : HOUR_MS;
    const start = (time: number) => time - (time % size);
    const last = start(to.getTime());
    const first = start(from?.getTime() ?? last - (by === 'day' ? 29 : 23) * size);
    checkRange(first, last, size);
    const { column, value } = await this.find(actor, of);
    const rows = await this.database.select<{ startsAt: string; accepted: string; limited: string }>(
      `SELECT starts_at - starts_at % ${size} AS startsAt, SUM(accepted) AS accepted, SUM(limited) AS limited
         FROM lk_usage WHERE ${column} = ? AND by_day <= ? AND starts_at >= ? AND starts_at < ?
        GROUP BY starts_at - starts_at % ${size}`,
      [value, by === 'day' ? 1 : 0, first, last + size],
    );
    const found = new Map(rows.map((row) => [Number(row.startsAt), row]));
    return Array.from({ length: (last - first) / size + 1 }, (_, i) => {
      const at = first + i * size;
      const { accepted = 0, limited = 0 } = found.get(at) ?? {};
      return { from: new Date(at), accepted: Number(accepted), limited: Number(limited) };
    });
  }

  /** Makes days of old hours, and deletes old days. */
  async tidyUp(now?: number): Promise<void> {
    const { usageDays = 400 } = this.options;
    while (await this.database.change(UPKEEP, (manager) => tidyUsage(manager, usageDays, now)));
  }

  private async find(actor: Actor, { user, apiKey, secretId }: UsageOf): Promise<{ column: string; value: string }> {
    const given = [user, apiKey, secretId].filter((one) => one !== undefined);
    if (given.length > 1)
      throw new LatchkeyError('malformed', 'Ask for a user, an API key or a secret: for one of them.');
    if (user !== undefined) {
      const { name } = await this.users.find(actor, user);
      const owner = await findOwner(this.database, name);
      return owner ? { column: 'api_key', value: owner.apiKey } : NOWHERE;
    }
    if (apiKey !== undefined) return { column: 'api_key', value: (await this.apiKeys.find(actor, apiKey)).apiKey };
    if (secretId !== undefined) return { column: 'secret_id', value: await this.findSecret(actor, secretId) };
    requireManager(actor);
    return { column: 'secret_id', value: ALL };
  }

  /** A secret may be forgotten by now, and what is known of its use is still there. */
  private async findSecret(actor: Actor, secretId: string): Promise<string> {
    const [row] = await this.database.select<{ apiKey: string }>(
      `SELECT api_key AS apiKey FROM lk_api_secrets WHERE id = ?
        UNION SELECT api_key FROM lk_usage WHERE secret_id = ? AND api_key <> '${ALL}' LIMIT 1`,
      [secretId, secretId],
    );
    const noSecret = new LatchkeyError('not_found', 'There is no such secret.');
    if (!row) throw noSecret;
    await this.apiKeys.find(actor, row.apiKey).catch((error: unknown) => {
      throw error instanceof LatchkeyError && error.code === 'not_found' ? noSecret : error;
    });
    return secretId;
  }
}

function checkRange(first: number, last: number, size: number): void {
  if (first > last) throw invalid('from', 'not_a_range', '`from` has to be before `to`.');
  if ((last - first) / size >= MAX_COUNTS) {
    throw invalid('from', 'too_long', `At most ${MAX_COUNTS} hours or days are read at once.`);
  }
  if (size === HOUR_MS && first < Date.now() - HOURS_KEPT_MS) {
    throw invalid('from', 'no_hours', 'Hours are known of the last 35 days; ask for days.');
  }
}
