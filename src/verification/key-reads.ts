import { Logger } from '@nestjs/common';
import type { Database } from '../database/database.js';
import { LatchkeyError } from '../latchkey.error.js';
import type { Clock, Instant } from '../revocation/instant.js';
import type { Lease, Revision } from '../revocation/lease.js';
import { type Found, latelyUsed, readLiveSecrets } from './live-secrets.js';
import type { VerifiedKeys } from './verified-keys.js';

const ATTEMPTS = 3;
/** How long a start waits at most for the keys that were used lately, in milliseconds. */
const WARM_MS = 5000;
const SLOW = 'The database answers too slowly at the moment. Try again shortly.';

/** What a read has found. */
export interface Read extends Found {
  readonly began: Instant;
}

/** Reads keys from the database, and puts into memory what may be kept there. Without `verified`, nothing is kept. */
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
   * @param isKnown whether memory has the secret: then the read waits in no queue.
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

  /** Reads several keys by one statement. @returns what there is of each; it throws for one that can't be told. */
  async many(apiKeys: string[]): Promise<(apiKey: string) => Found> {
    const began = this.clock.now();
    const { revision, found } = await readLiveSecrets(this.database, apiKeys);
    // No `await` from here on, as below.
    const keys = new Map<string, Found>();
    for (const apiKey of apiKeys) {
      const key = found(apiKey);
      if (!this.lease.accepts(began, revision, key.userId)) continue;
      keys.set(apiKey, key);
      // The guesses of a flood are not worth remembering.
      if (key.secrets.length > 0) this.remember(apiKey, key, revision);
    }
    return (apiKey) => {
      const key = keys.get(apiKey);
      if (!key) throw new LatchkeyError('unavailable', SLOW);
      return key;
    };
  }

  /**
   * Reads the keys that were used lately, before this process says that it is ready: those who were known before its start
   * are known, and no herd of single reads follows.
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
      return; // the lease has said why; each key is read when it comes
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    if (verified.size > 0) this.logger.log(`Read the ${verified.size} keys that were used last, in ${seconds} s.`);
  }

  private async ask(apiKey: string): Promise<Read> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const began = this.clock.now();
      const { revision, found } = await readLiveSecrets(this.database, [apiKey]);
      // No `await` from here on: what is found here is true only as long as nothing comes in between.
      const key = found(apiKey);
      if (!this.lease.accepts(began, revision, key.userId)) continue;
      if (!this.remember(apiKey, key, revision)) this.verified?.delete(apiKey); // from here on its callers are unknown
      return { began, ...key };
    }
    throw new LatchkeyError('unavailable', SLOW);
  }

  /** @returns false when it may not be remembered. */
  private remember(apiKey: string, key: Found, revision: Revision): boolean {
    // Without a lease it may be of a history that the next poll does not know, and would take for its own.
    if (!this.verified || !this.lease.isValid()) return false;
    // Whose key it will be, if it will be anybody's, nobody knows: so any change may be the one.
    if (key.userId === null && !this.lease.isNewest(revision)) return false;
    this.verified.set(apiKey, key);
    this.lease.saw(revision);
    return true;
  }
}
