import { Database, UPKEEP } from '../database/database.js';
import { type Count, writeCounts } from './usage-rows.js';

/** Counts that are written in one transaction. */
const BATCH = 250;

/**
 * Counts of this process that are not written yet. None is written twice: a batch whose write has failed is tried again as
 * it was, under the same number, since the database may have it.
 */
export class UsageCounts {
  private readonly writer = crypto.randomUUID();
  private waiting = new Map<string, Count>();
  private batch: { readonly n: number; readonly counts: readonly Count[] } | undefined;
  private batches = 0;

  constructor(private readonly database: Database) {}

  add({ accepted, limited, ...of }: Omit<Count, 'byDay'>): void {
    if (accepted === 0 && limited === 0) return;
    const key = `${of.secretId} ${of.startsAt}`;
    const sum = this.waiting.get(key) ?? { accepted: 0, limited: 0 };
    this.waiting.set(key, { ...of, byDay: 0, accepted: sum.accepted + accepted, limited: sum.limited + limited });
  }

  /** Writes all that was added. @throws what the database throws; then the rest waits for the next time. */
  async write(): Promise<void> {
    for (;;) {
      this.batch ??= this.nextBatch();
      if (!this.batch) return;
      const { n, counts } = this.batch;
      await this.database.change(UPKEEP, (manager) => writeCounts(manager, counts, { id: this.writer, n }));
      this.batch = undefined;
    }
  }

  private nextBatch() {
    if (this.waiting.size === 0) return undefined;
    const keys = [...this.waiting.keys()].slice(0, BATCH);
    const counts = keys.map((key) => this.waiting.get(key)!);
    for (const key of keys) this.waiting.delete(key);
    return { n: ++this.batches, counts };
  }
}
