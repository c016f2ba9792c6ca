import { channel } from 'node:diagnostics_channel';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, Optional } from '@nestjs/common';
import { Database } from '../database/database.js';
import { within } from '../database/within.js';
import { Shed } from '../database/slots.js';
import { LatchkeyError } from '../latchkey.error.js';
import { networkOf } from '../limits/limit.js';
import { CLOCK, type Clock, type Instant, SYSTEM_CLOCK } from '../revocation/instant.js';
import { Lease, type Revision } from '../revocation/lease.js';
import type { Principal } from '../users/principal.js';
import { digestOf, DUMMY, isSecretOf } from './api-secret.js';
import { BadCredentials } from './bad-credentials.js';
import { LastUse } from './last-use.js';
import { type Found, latelyUsed, readLiveSecrets } from './live-secrets.js';
import { NarrowLane } from './narrow-lane.js';
import { type LiveSecret, VerifiedKeys } from './verified-keys.js';

/** The two halves of a token, as they came in. */
export interface KeyPair {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** Token of the options. */
export const VERIFIER_OPTIONS = Symbol('VERIFIER_OPTIONS');

export interface VerifierOptions {
  /** API keys that a process remembers; 0: none, and each request is a query. Default 100,000, about 1 KiB each. */
  readonly maxCachedKeys?: number;
  /**
   * Different bad credentials from one address in a minute, after which its unknown callers are asked for together, a few
   * times a second; 0: no limit. Default 100.
   */
  readonly badCredentialsPerMinute?: number;
}

/** The diagnostics channel (node:diagnostics_channel) that is told of each verification that memory could not answer. */
export const VERIFICATIONS = 'latchkey:verification';

/** What it is told. */
export interface Verification {
  /** `failed`: the database could not say. `shed`: too many unknown callers; `limited`: too many bad ones from there. */
  readonly outcome: 'accepted' | 'refused' | 'failed' | 'shed' | 'limited';
  readonly seconds: number;
}

const verifications = channel(VERIFICATIONS);

/** How long a request waits for the database in all, in milliseconds. */
const WAIT_MS = 1000;
const ATTEMPTS = 3;
/** How long a start waits at most for the keys that were used lately, in milliseconds. */
const WARM_MS = 5000;
const AWAY = 'The database does not answer at the moment. Try again shortly.';
const SLOW = 'The database answers too slowly at the moment. Try again shortly.';

/** What a read has found. */
interface Read extends Found {
  readonly began: Instant;
}

/** Reads that are under way, by key. */
type Reads = Map<string, Promise<Read>>;

/** Who is this? */
@Injectable()
export class ApiKeyVerifier implements OnApplicationBootstrap {
  private readonly logger = new Logger('Verifier');
  private readonly verified: VerifiedKeys | undefined;
  private readonly badCredentials: BadCredentials | undefined;
  private readonly narrow = new NarrowLane((apiKeys) => this.askForMany(apiKeys));
  /** Apart, so that nobody who is known waits in the line of strangers. */
  private readonly reads: { readonly known: Reads; readonly strangers: Reads } = {
    known: new Map(),
    strangers: new Map(),
  };
  /** Verifications that memory has answered, with a principal and with a refusal. */
  hits = 0;
  refusals = 0;

  constructor(
    private readonly database: Database,
    private readonly lastUse: LastUse,
    private readonly lease: Lease,
    @Optional()
    @Inject(VERIFIER_OPTIONS)
    { maxCachedKeys = 100_000, badCredentialsPerMinute = 100 }: VerifierOptions = {},
    @Optional() @Inject(CLOCK) private readonly clock: Clock = SYSTEM_CLOCK,
  ) {
    if (badCredentialsPerMinute > 0) this.badCredentials = new BadCredentials(badCredentialsPerMinute);
    if (maxCachedKeys > 0) {
      this.verified = new VerifiedKeys(maxCachedKeys);
      lease.keeps(this.verified);
    }
  }

  /** API keys that are remembered. */
  get size(): number {
    return this.verified?.size ?? 0;
  }

  /**
   * Reads the keys that were used lately, before this process says that it is ready: those who were known before its start
   * are known, and no herd of single reads follows.
   */
  async onApplicationBootstrap(): Promise<void> {
    if (!this.verified) return;
    const began = performance.now();
    try {
      await this.lease.renew(this.clock.now().monotonic);
      await this.warm(this.verified, () => performance.now() - began > WARM_MS);
    } catch {
      return; // the lease has said why; each key is read when it comes
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    if (this.size > 0) this.logger.log(`Read the ${this.size} keys that were used last, in ${seconds} s.`);
  }

  /**
   * The owner of the key, from memory: no query, no promise.
   * @returns null when the secret has been refused before; undefined when memory can't say: `verify` tells.
   */
  recall(pair: KeyPair): Principal | null | undefined {
    const principal = this.remembered(pair);
    if (principal) this.hits++;
    if (principal === null) this.refusals++;
    return principal;
  }

  /**
   * The owner of the key, if the secret is live: from memory, or by one query.
   * @param address where the request comes from, for the limit on bad credentials; without one, none applies.
   * @returns null when the pair proves nobody, whatever the reason.
   * @throws LatchkeyError `unavailable` when the database can't say within a second, or too many unknown callers are
   * waiting; `too_many_requests` when too many bad credentials came from that address, and this is another one.
   */
  async verify(pair: KeyPair, address?: string): Promise<Principal | null> {
    const asked = this.clock.now();
    const recalled = this.recall(pair);
    if (recalled !== undefined) return recalled;
    const entry = this.verified?.get(pair.apiKey);
    const isKnown = entry !== undefined && liveSecret(entry.secrets, digestOf(pair.apiSecret)) !== undefined;
    let outcome: Verification['outcome'] = 'failed';
    try {
      const refusal = isKnown || address === undefined ? undefined : this.badCredentials?.refusal(address);
      const judged = refusal
        ? this.judgeBeside(pair, networkOf(address!), refusal)
        : within(WAIT_MS, this.judge(pair, asked, isKnown), () => unavailable(AWAY));
      const found = await judged;
      outcome = found ? 'accepted' : 'refused';
      if (!found && address !== undefined) await this.badCredentials?.count(address, pair);
      return found;
    } catch (error) {
      if (error instanceof LatchkeyError && error.code === 'too_many_requests') outcome = 'limited';
      if (error instanceof Shed) outcome = 'shed';
      throw error;
    } finally {
      if (verifications.hasSubscribers) {
        const seconds = (this.clock.now().monotonic - asked.monotonic) / 1000;
        verifications.publish({ outcome, seconds } satisfies Verification);
      }
    }
  }

  private remembered({ apiKey, apiSecret }: KeyPair): Principal | null | undefined {
    const entry = this.verified?.get(apiKey);
    if (entry === undefined || !entry.isTrue || !this.lease.isValid()) return undefined;
    const digest = digestOf(apiSecret);
    const secret = liveSecret(entry.secrets, digest);
    if (secret) {
      this.lastUse.record(secret.secretId, apiKey);
      return secret.principal;
    }
    return entry.hasRefused(digest) ? null : undefined;
  }

  private async judge(pair: KeyPair, asked: Instant, isKnown: boolean): Promise<Principal | null> {
    const { apiKey, apiSecret } = pair;
    if (this.verified?.get(apiKey)?.isTrue) {
      // The lease is over, or the secret is another one, which may have been made a moment ago: a poll that begins now
      // tells whether what is remembered is the last word.
      // Once more when it fails: it may have been this process that was too slow for it.
      await this.lease.renew(asked.monotonic).catch(() => this.lease.renew(this.clock.now().monotonic));
      const principal = this.remembered(pair);
      if (principal !== undefined) return principal;
      const entry = this.verified.get(apiKey);
      if (entry?.isTrue && this.lease.isValid()) {
        entry.refuse(digestOf(apiSecret));
        return null;
      }
    }
    for (;;) {
      const { began, secrets } = await this.read(apiKey, isKnown);
      const digest = digestOf(apiSecret);
      const secret = liveSecret(secrets, digest);
      if (secret) {
        this.lastUse.record(secret.secretId, apiKey);
        return secret.principal;
      }
      // One that was under way when this request came may have missed a secret that was made in between.
      if (began.monotonic < asked.monotonic) continue;
      const entry = this.verified?.get(apiKey);
      if (entry?.isTrue && !liveSecret(entry.secrets, digest)) entry.refuse(digest);
      return null;
    }
  }

  /** Beside many others from that network, past the limit: only who is right gets in. @throws `refusal` else. */
  private async judgeBeside({ apiKey, apiSecret }: KeyPair, network: string, refusal: Error): Promise<Principal> {
    const { secrets } = await this.narrow.ask(network, apiKey);
    const secret = liveSecret(secrets, digestOf(apiSecret));
    if (!secret) throw refusal;
    this.lastUse.record(secret.secretId, apiKey);
    return secret.principal;
  }

  /** Joins the read of that key that is under way, or begins one. */
  private read(apiKey: string, isKnown: boolean): Promise<Read> {
    const reads = isKnown ? this.reads.known : this.reads.strangers;
    let read = reads.get(apiKey);
    if (read === undefined) {
      const ask = () => this.ask(apiKey);
      const asked = isKnown ? ask() : this.database.asStranger(ask, ({ secrets }) => secrets.length > 0);
      read = asked.finally(() => reads.delete(apiKey));
      reads.set(apiKey, read);
    }
    return read;
  }

  private async ask(apiKey: string): Promise<Read> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const began = this.clock.now();
      const { revision, found } = await readLiveSecrets(this.database, [apiKey]);
      // No `await` from here on: what is found here is true only as long as nothing comes in between.
      const key = found(apiKey);
      if (!this.lease.accepts(began, revision, key.userId)) continue;
      if (!this.remember(apiKey, key, revision)) this.verified?.delete(apiKey); // from here on a stranger's
      return { began, ...key };
    }
    throw unavailable(SLOW);
  }

  private async askForMany(apiKeys: string[]): Promise<(apiKey: string) => Found> {
    const began = this.clock.now();
    const { revision, found } = await readLiveSecrets(this.database, apiKeys);
    // No `await` from here on, as above.
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
      if (!key) throw unavailable(SLOW);
      return key;
    };
  }

  private async warm(verified: VerifiedKeys, isOver: () => boolean): Promise<void> {
    for await (const apiKeys of latelyUsed(this.database)) {
      await this.askForMany(apiKeys.slice(0, verified.room));
      if (verified.room === 0 || isOver()) break;
    }
    verified.reverse(); // they came last used first
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

const NOBODY: Principal = {
  name: '',
  fullName: '',
  roles: [],
  credential: { type: 'api-key', apiKey: '', secretId: '' },
};
/** What the secret of an unknown key is compared with, so that it costs the same. */
const NOBODYS: readonly LiveSecret[] = [{ ...DUMMY, expiresAt: null, secretId: '', principal: NOBODY }];

/** Which of those that is, if it is live. */
function liveSecret(secrets: readonly LiveSecret[], digest: string): LiveSecret | undefined {
  for (const secret of secrets.length === 0 ? NOBODYS : secrets) {
    if (isSecretOf(secret, digest) && (secret.expiresAt === null || secret.expiresAt > Date.now())) return secret;
  }
  return undefined;
}

function unavailable(message: string): LatchkeyError {
  return new LatchkeyError('unavailable', message);
}
