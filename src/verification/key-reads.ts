import { Logger } from '@nestjs/common';
import type { Database } from '../database/database.js';
import { LatchkeyError } from '../latchkey.error.js';
import type { Clock, Instant } from '../revocation/instant.js';
import type { Lease, Revision } from '../revocation/lease.js';
import type { KeyCache } from './key-cache.js';
import { type KeyRecord, latelyUsed, readLiveSecrets } from './live-secrets.js';

const ATTEMPTS = 3;
/** How long a start waits at most for the keys that were used last, in milliseconds. */
const WARM_MS = 5000;
const SLOW = 'The database answers too slowly at the moment. Try again shortly.';

/** What was read of a key, and when the read began. */
export interface KeyRead extends KeyRecord {
  readonly began: Instant;
}

/** Reads keys from the database, and caches what may be cached; without a cache, nothing. */
export class KeyReads {
  private readonly logger = new Logger('Verifier');
  /** Reads under way, by key. There are two maps, so that no known caller waits in the queue of unknown callers. */
  private readonly ofKnown = new Map<string, Promise<KeyRead>>();
  private readonly ofUnknown = new Map<string, Promise<KeyRead>>();

  constructor(
    private readonly database: Database,
    private readonly lease: Lease,
    private readonly clock: Clock,
    private readonly keys: KeyCache | undefined,
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
      const begun = isKnown ? begin() : this.database.forUnknownCaller(begin, ({ secrets }) => secrets.length > 0);
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
      if (key.secrets.length > 0) this.cache(apiKey, key, revision);
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
    const { keys } = this;
    if (!keys) return;
    const began = performance.now();
    try {
      await this.lease.renew(this.clock.now().monotonic);
      for await (const apiKeys of latelyUsed(this.database)) {
        await this.readMany(apiKeys.slice(0, keys.room));
        if (keys.room === 0 || performance.now() - began > WARM_MS) break;
      }
      keys.reverse(); // they came last used first, and the last one in is the last one to be evicted
    } catch {
      return; // the lease has logged why; each key is read when it comes
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    if (keys.size > 0) this.logger.log(`Read the ${keys.size} keys that were used last, in ${seconds} s.`);
  }

  private async readUntilAccepted(apiKey: string): Promise<KeyRead> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const began = this.clock.now();
      const { revision, lookUp } = await readLiveSecrets(this.database, [apiKey]);
      // No `await` from here on: what was found is current only as long as nothing comes in between.
      const key = lookUp(apiKey);
      if (!this.lease.accepts(began, revision, key.userId)) continue;
      // What is cached is older than what was read: it must not say any more who is known.
      if (!this.cache(apiKey, key, revision)) this.keys?.delete(apiKey);
      return { began, ...key };
    }
    throw new LatchkeyError('unavailable', SLOW);
  }

  /** @returns false when it may not be cached. */
  private cache(apiKey: string, key: KeyRecord, revision: Revision): boolean {
    // Without a lease, the answer may come from a server that has lost changes since (a failover, a backup that was restored):
    // the next poll sees the history after that alone, and would not find out.
    if (!this.keys || !this.lease.isValid()) return false;
    // Nobody knows whose key it will be, if anybody's: so any change may be the one that gives it to somebody.
    if (key.userId === null && !this.lease.isNewest(revision)) return false;
    this.keys.set(apiKey, key);
    this.lease.noteSeen(revision);
    return true;
  }
}
