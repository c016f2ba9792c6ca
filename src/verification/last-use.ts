import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database, UPKEEP } from '../database/database.js';

const INTERVAL_MS = 30_000;
const BATCH = 500;

/** The API key of a secret, and when the secret was last used (milliseconds since 1970). */
interface Use {
  readonly apiKey: string;
  at: number;
}

/**
 * Collects in memory when secrets are used, and writes it within 30 s and at the end of the process. No request waits for
 * it; a process that is killed loses the last 30 s. There is one entry for each secret in use.
 */
@Injectable()
export class LastUse implements OnApplicationShutdown {
  private readonly logger = new Logger('LastUse');
  private uses = new Map<string, Use>();
  private timer: NodeJS.Timeout | undefined;
  /** The end of all writes so far, which run one after another. */
  private written: Promise<void> = Promise.resolve();

  constructor(private readonly database: Database) {}

  record(secretId: string, apiKey: string): void {
    const use = this.uses.get(secretId);
    if (use) use.at = Date.now();
    else this.uses.set(secretId, { apiKey, at: Date.now() });
    this.timer ??= setTimeout(() => void this.write(), INTERVAL_MS).unref();
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
    const uses = [...this.uses];
    this.uses = new Map();
    while (uses.length > 0) {
      try {
        await this.writeBatch(uses.slice(0, BATCH));
        uses.splice(0, BATCH);
      } catch (error) {
        this.logger.warn(`Could not write when secrets were last used; will try again. ${(error as Error).message}`);
        this.uses = new Map([...uses, ...this.uses]);
        this.timer ??= setTimeout(() => void this.write(), INTERVAL_MS).unref();
        return;
      }
    }
  }

  /**
   * Secrets and their keys are written in two transactions: a call that generates a secret locks the key while it waits
   * for the row of the secret, so one transaction for both would deadlock with it.
   */
  private async writeBatch(batch: [string, Use][]): Promise<void> {
    const keys = new Map<string, number>();
    for (const [, { apiKey, at }] of batch) keys.set(apiKey, Math.max(at, keys.get(apiKey) ?? 0));
    const secrets = batch.map(([id, { at }]): [string, number] => [id, at]);
    await this.database.change(UPKEEP, (manager) => updateLastUsed(manager, 'lk_api_secrets', 'id', secrets));
    await this.database.change(UPKEEP, (manager) => updateLastUsed(manager, 'lk_api_keys', 'api_key', [...keys]));
  }
}

/** Sets the times, and none of them back: another process may have written a later use already. */
async function updateLastUsed(manager: EntityManager, table: string, id: string, all: [string, number][]) {
  const times = all.toSorted(([a], [b]) => (a < b ? -1 : 1)); // every process locks in the same order
  const time = `CASE ${id} ${times.map(() => 'WHEN ? THEN ?').join(' ')} END`;
  const ids = times.map(() => '?').join(', ');
  await manager.query(
    `UPDATE ${table} SET last_used_at = ${time}
      WHERE ${id} IN (${ids}) AND (last_used_at IS NULL OR last_used_at < ${time})`,
    [...times.flat(), ...times.map(([key]) => key), ...times.flat()],
  );
}
