import { Logger } from '@nestjs/common';
import type { Database } from '../database/database.js';
import { LatchkeyError } from '../latchkey.error.js';
import type { Clock, Instant } from '../revocation/instant.js';
import type { Lease, Revision } from '../revocation/lease.js';
import { type Found, latelyUsed, readLiveSecrets } from './live-secrets.js';
import type { VerifiedKeys } from './verified-keys.js';

const ATTEMPTS = 3;
/** How long a start waits at most for the keys that were used last, in milliseconds. */
const WARM_MS = 5000;
const SLOW = 'The database answers too slowly at the moment. Try again shortly.';

/** What a read has found, and when it began. */
export interface Read extends Found {
  readonly began: Instant;
}

/** Reads keys from the database, and caches in `verified` what may be cached; without `verified`, nothing. */
export class KeyReads {
  private readonly logger = new Logger('Verifier');
  /** Reads under way, by key. There are two maps, so that no known caller waits in the queue of unknown callers. */
  private readonly ofKnown = new Map<string, Promise<Read>>();
  private readonly ofUnknown = new Map<string, Promise<Read>>();

  constructor(
    private readonly database: Database,
    private readonly lease: Lease,
    private readonly clock: Clock,
    private readonly verified: VerifiedKeys | undefined,
  ) {}

  /**
   * Joins the read of that key that is under way, or begins one.
   * @param isKnown whether the secret is in the cache, current or not: then the read waits in no queue.
   * @throws LatchkeyError `unavailable`.
   */
  one(apiKey: string, isKnown: boolean): Promise<Read> {
    const reads = isKnown ? this.ofKnown : this.ofUnknown;
    let read = reads.get(apiKey);
    if (read === undefined) {
      const ask = () => this.ask(apiKey);
      const asked = isKnown ? ask() : this.database.forUnknownCaller(ask, ({ secrets }) => secrets.length > 0);
      read = asked.finally(() => reads.delete(apiKey));
      reads.set(apiKey, read);
    }
    return read;
  }

  /**
   * Reads several keys by one statement.
   * @returns a lookup by key, which throws `unavailable` for a read that is too old.
   */
  async many(apiKeys: string[]): Promise<(apiKey: string) => Found> {
    const began = this.clock.now();
    const { revision, found } = await readLiveSecrets(this.database, apiKeys);
    // No `await` from here on, as in `ask`.
    const keys = new Map<string, Found>();
    for (const apiKey of apiKeys) {
      const key = found(apiKey);
      if (!this.lease.accepts(began, revision, key.userId)) continue;
      keys.set(apiKey, key);
      // The guesses of a flood are not worth caching.
      if (key.secrets.length > 0) this.cache(apiKey, key, revision);
    }
    return (apiKey) => {
      const key = keys.get(apiKey);
      if (!key) throw new LatchkeyError('unavailable', SLOW);
      return key;
    };
  }

  /**
   * Reads the keys that were used last, before this process says that it is ready. So callers who were known before the
   * start are known after it, and no herd of single reads follows.
   */
  async warmUp(): Promise<void> {
    const { verified } = this;
    if (!verified) return;
    const began = performance.now();
    try {
      await this.lease.renew(this.clock.now().monotonic);
      for await (const apiKeys of latelyUsed(this.database)) {
        await this.many(apiKeys.slice(0, verified.room));
        if (verified.room === 0 || performance.now() - began > WARM_MS) break;
      }
      verified.reverse(); // they came last used first
    } catch {
      return; // the lease has logged why; each key is read when it comes
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    if (verified.size > 0) this.logger.log(`Read the ${verified.size} keys that were used last, in ${seconds} s.`);
  }

  private async ask(apiKey: string): Promise<Read> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const began = this.clock.now();
      const { revision, found } = await readLiveSecrets(this.database, [apiKey]);
      // No `await` from here on: what was found is current only as long as nothing comes in between.
      const key = found(apiKey);
      if (!this.lease.accepts(began, revision, key.userId)) continue;
      if (!this.cache(apiKey, key, revision)) this.verified?.delete(apiKey); // from here on its callers are unknown
      return { began, ...key };
    }
    throw new LatchkeyError('unavailable', SLOW);
  }

  /** @returns false when it may not be cached. */
  private cache(apiKey: string, key: Found, revision: Revision): boolean {
    // Without a lease, the answer may be of a history that the next poll does not know, and would take for its own.
    if (!this.verified || !this.lease.isValid()) return false;
    // Nobody knows whose key it will be, if anybody's: so any change may be the one that gives it to somebody.
    if (key.userId === null && !this.lease.isNewest(revision)) return false;
    this.verified.set(apiKey, key);
    this.lease.noteSeen(revision);
    return true;
  }
}
