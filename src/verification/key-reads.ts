import { Logger } from '@nestjs/common';
import type { Database } from '../database/database.js';
import { LatchkeyError } from '../latchkey.error.js';
import type { Clock, Instant } from '../revocation/instant.js';
import type { Lease, Revision } from '../revocation/lease.js';
import type { KeyCache } from './key-cache.js';
import { type KeyRecord, latelyUsed, readLiveSecrets } from './key-record.js';

const ATTEMPTS = 3;
/** How long a start waits at most for the keys that were used last, in milliseconds. */
const WARM_MS = 5000;
const SLOW = 'The database answers too slowly at the moment. Try again shortly.';

/** What was read of a key, and when the read began. */
export interface KeyRead extends KeyRecord {
  readonly began: Instant;
}

/** Reads keys from the database, and caches what may be cached; without a cache, it only reads. */
export class KeyReads {
  private readonly logger = new Logger('Verifier');
  /** Reads under way, by key. There are two maps, so that no known caller waits in the queue of unknown callers. */
  private readonly ofKnown = new Map<string, Promise<KeyRead>>();
  private readonly ofUnknown = new Map<string, Promise<KeyRead>>();

  constructor(
    private readonly database: Database,
    private readonly lease: Lease,
    private readonly clock: Clock,
    private readonly cache: KeyCache | undefined,
  ) {}

  /**
   * Joins the read of that key that is under way, or begins one.
   * @param isKnown whether the secret is in the cache, current or not: then the read waits in no queue.
   * @throws LatchkeyError `unavailable`.
   */
  readOne(apiKey: string, isKnown: boolean): Promise<KeyRead> {
    const reads = isKnown ? this.ofKnown : this.ofUnknown;
    let read = reads.get(apiKey);
    if (read === undefined) {
      const begin = () => this.readUntilAccepted(apiKey);
      // A read that finds a live key frees its place at once; another one a little later, or guesses would take every place.
      const isSomebody = ({ secrets }: KeyRead) => secrets.size > 0;
      const begun = isKnown ? begin() : this.database.forUnknownCaller(begin, isSomebody);
      read = begun.finally(() => reads.delete(apiKey));
      reads.set(apiKey, read);
    }
    return read;
  }

  /**
   * Reads several keys by one statement.
   * @returns a lookup by key, which throws `unavailable` for a read that is too old.
   */
  async readMany(apiKeys: string[]): Promise<(apiKey: string) => KeyRecord> {
    const began = this.clock.now();
    const { revision, lookUp } = await readLiveSecrets(this.database, apiKeys);
    // No `await` from here on, as in `readUntilAccepted`.
    const accepted = new Map<string, KeyRecord>();
    for (const apiKey of apiKeys) {
      const key = lookUp(apiKey);
      if (!this.lease.accepts(began, revision, key.userId)) continue;
      accepted.set(apiKey, key);
      // The guesses of a flood are not worth caching.
      if (key.secrets.size > 0) this.cacheIfAllowed(apiKey, key, revision);
    }
    return (apiKey) => {
      const key = accepted.get(apiKey);
      if (!key) throw new LatchkeyError('unavailable', SLOW);
      return key;
    };
  }

  /**
   * Reads the keys that were used last, before this process says that it is ready. So callers who were known before the
   * start are known after it, and no herd of single reads follows.
   */
  async warmUp(): Promise<void> {
    const { cache } = this;
    if (!cache) return;
    const began = performance.now();
    const end = began + WARM_MS;
    if (!(await this.waitForLease())) return; // the lease has logged why
    try {
      for await (const apiKeys of latelyUsed(this.database, end)) {
        // A database that has just started itself may be too slow for one batch, and not for the next.
        await this.readMany(apiKeys.slice(0, cache.room)).catch(() => undefined);
        if (cache.room === 0 || performance.now() > end) break;
      }
    } catch (error) {
      this.logger.warn(
        `Could not read all keys that were used last; the others are read when they come. ${String(error)}`,
      );
    }
    cache.reverse(); // they came last used first, and the last one in is the last one to be evicted
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    if (cache.size > 0) this.logger.log(`Read the ${cache.size} keys that were used last, in ${seconds} s.`);
  }

  /** Waits for a poll that succeeds: the first ones of a start may come too late. */
  private async waitForLease(): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const isRenewed = this.lease.renew(this.clock.now().monotonic).then(() => true);
      if (await isRenewed.catch(() => false)) return true;
    }
    return false;
  }

  private async readUntilAccepted(apiKey: string): Promise<KeyRead> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const began = this.clock.now();
      const { revision, lookUp } = await readLiveSecrets(this.database, [apiKey]);
      // No `await` from here on: what was found is current only as long as nothing comes in between.
      const key = lookUp(apiKey);
      if (!this.lease.accepts(began, revision, key.userId)) continue;
      if (!this.cacheIfAllowed(apiKey, key, revision)) this.cache?.setStale(apiKey, key); // its owner stays known
      return { began, ...key };
    }
    throw new LatchkeyError('unavailable', SLOW);
  }

  /** @returns false when it may not be cached. */
  private cacheIfAllowed(apiKey: string, key: KeyRecord, revision: Revision): boolean {
    // Without a lease, the answer may be of a history that was lost since (a failover, a backup that was restored). The next
    // poll begins with the new history, and would not notice.
    if (!this.cache || !this.lease.isValid()) return false;
    // Nobody knows whose key it will be, if anybody's: so any change may be the one that gives it to somebody.
    if (key.userId === null && !this.lease.isNewest(revision)) return false;
    this.cache.set(apiKey, key);
    this.lease.noteSeen(revision); // so that a poll which finds a history without it drops the entry
    return true;
  }
}
