import { Inject, Injectable, Logger, type OnApplicationShutdown, Optional } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database, UPKEEP } from '../database/database.js';
import { keptAddress, keptAgent } from '../users/kept-origin.js';
import { UsageCounts } from '../usage/usage-counts.js';
import { HOUR_MS } from '../usage/usage-rows.js';
import type { TokenSource } from './api-token.js';
import { VERIFIER_OPTIONS, type VerifierOptions } from './verifier-options.js';

const INTERVAL_MS = 30_000;
const BATCH = 250;

/**
 * The API key of a secret, when the secret was last used (milliseconds since 1970), from where, and how often since that was
 * written.
 */
interface Use {
  readonly apiKey: string;
  at: number;
  address: string | null;
  agent: string | null;
  accepted: number;
  limited: number;
}

/**
 * Collects in memory when and how often secrets are used, and writes it within 30 s and at the end of the process. No request
 * waits for it; a process that is killed loses the last 30 s. There is one entry for each secret in use.
 */
@Injectable()
export class LastUse implements OnApplicationShutdown {
  private readonly logger = new Logger('LastUse');
  private uses = new Map<string, Use>();
  private timer: NodeJS.Timeout | undefined;
  /** The end of all writes so far, which run one after another. */
  private written: Promise<void> = Promise.resolve();
  private readonly recordsAddresses: boolean;
  private readonly counts: UsageCounts;
  /** The hour in which `uses` counts. */
  private hour = 0;

  constructor(
    private readonly database: Database,
    @Optional() @Inject(VERIFIER_OPTIONS) { recordAddresses = true }: VerifierOptions = {},
  ) {
    this.recordsAddresses = recordAddresses;
    this.counts = new UsageCounts(database);
  }

  record(secretId: string, apiKey: string, source: TokenSource): void {
    const now = Date.now();
    if (now - this.hour >= HOUR_MS || now < this.hour) this.beginHour(now);
    let use = this.uses.get(secretId);
    if (!use) {
      use = { apiKey, at: now, address: null, agent: null, accepted: 0, limited: 0 };
      this.uses.set(secretId, use);
    }
    use.at = now;
    use.accepted++;
    if (this.recordsAddresses) {
      use.address = source.address === undefined ? null : keptAddress(source.address);
      use.agent = source.userAgent === undefined ? null : keptAgent(source.userAgent);
    }
    this.timer ??= setTimeout(() => void this.write(), INTERVAL_MS).unref();
  }

  /** A use that was recorded waits for its share: it is counted by `accepted`, by `limited`, or not at all. */
  postpone(secretId: string, apiKey: string): void {
    this.count(secretId, apiKey, { accepted: -1, limited: 0 });
  }

  accepted(secretId: string, apiKey: string): void {
    this.count(secretId, apiKey, { accepted: 1, limited: 0 });
  }

  limited(secretId: string, apiKey: string): void {
    this.count(secretId, apiKey, { accepted: 0, limited: 1 });
  }

  /** For a use that was recorded before. When and from where that was may be written by now, and stays as it is. */
  private count(secretId: string, apiKey: string, { accepted, limited }: Pick<Use, 'accepted' | 'limited'>): void {
    const use = this.uses.get(secretId);
    if (use) {
      use.accepted += accepted;
      use.limited += limited;
      return;
    }
    this.counts.add({ secretId, apiKey, startsAt: this.hour, accepted, limited });
    this.timer ??= setTimeout(() => void this.write(), INTERVAL_MS).unref();
  }

  private beginHour(now: number): void {
    this.takeCounts();
    this.hour = now - (now % HOUR_MS);
  }

  private takeCounts(): void {
    for (const [secretId, use] of this.uses) {
      const { apiKey, accepted, limited } = use;
      this.counts.add({ secretId, apiKey, startsAt: this.hour, accepted, limited });
      use.accepted = use.limited = 0;
    }
  }

  /** Before the database is closed: Nest shuts global modules, as the database's is, down last. */
  async onApplicationShutdown(): Promise<void> {
    await this.write();
  }

  /** Writes all that was collected, after a write that is under way. */
  private write(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.written = this.written.then(() => this.writeAll());
    return this.written;
  }

  private async writeAll(): Promise<void> {
    this.takeCounts();
    const uses = [...this.uses];
    this.uses = new Map();
    while (uses.length > 0) {
      try {
        await this.writeBatch(uses.slice(0, BATCH));
        uses.splice(0, BATCH);
      } catch (error) {
        this.logger.warn(`Could not write when secrets were last used; will try again. ${(error as Error).message}`);
        this.uses = new Map([...uses, ...this.uses]); // their counts were taken
        this.timer ??= setTimeout(() => void this.write(), INTERVAL_MS).unref();
        return;
      }
    }
    try {
      await this.counts.write();
    } catch (error) {
      this.logger.warn(`Could not write how often secrets were used; will try again. ${(error as Error).message}`);
      this.timer ??= setTimeout(() => void this.write(), INTERVAL_MS).unref();
    }
  }

  /**
   * Secrets and their keys are written in two transactions: a call that generates a secret locks the key while it waits
   * for the row of the secret, so one transaction for both would deadlock with it.
   */
  private async writeBatch(batch: [string, Use][]): Promise<void> {
    const keys = new Map<string, number>();
    for (const [, { apiKey, at }] of batch) keys.set(apiKey, Math.max(at, keys.get(apiKey) ?? 0));
    const secrets = batch.map(([id, { at, address, agent }]) => {
      return { id, at, columns: { last_used_address: address, last_used_agent: agent } };
    });
    const ofKeys = Array.from(keys, ([id, at]) => ({ id, at, columns: {} }));
    await this.database.change(UPKEEP, (manager) => updateLastUsed(manager, 'lk_api_secrets', 'id', secrets));
    await this.database.change(UPKEEP, (manager) => updateLastUsed(manager, 'lk_api_keys', 'api_key', ofKeys));
  }
}

/** A row and its last use, with the further columns that tell where that was. */
interface LastUsed {
  readonly id: string;
  readonly at: number;
  readonly columns: Readonly<Record<string, string | null>>;
}

/** Sets the times, and none of them back: another process may have written a later use already. */
async function updateLastUsed(manager: EntityManager, table: string, id: string, all: LastUsed[]): Promise<void> {
  const uses = all.toSorted((a, b) => (a.id < b.id ? -1 : 1)); // every process locks in the same order
  const choose = `CASE ${id} ${uses.map(() => 'WHEN ? THEN ?').join(' ')} END`;
  const times = uses.flatMap((use) => [use.id, use.at]);
  const columns = Object.keys(uses[0]!.columns);
  const set = ['last_used_at', ...columns].map((column) => `${column} = ${choose}`).join(', ');
  const texts = columns.flatMap((column) => uses.flatMap((use) => [use.id, use.columns[column]]));
  await manager.query(
    `UPDATE ${table} SET ${set}
      WHERE ${id} IN (${uses.map(() => '?').join(', ')}) AND (last_used_at IS NULL OR last_used_at < ${choose})`,
    [...times, ...texts, ...uses.map((use) => use.id), ...times],
  );
}
