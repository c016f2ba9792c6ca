import { Inject, Injectable, type OnApplicationBootstrap, Optional } from '@nestjs/common';
import { digestOf } from '../api-keys/api-secret.js';
import { Database } from '../database/database.js';
import { withTimeout } from '../database/with-timeout.js';
import { LatchkeyError } from '../latchkey.error.js';
import { networkOf } from '../limits/limit.js';
import { CLOCK, type Clock, type Instant, SYSTEM_CLOCK } from '../revocation/instant.js';
import { Lease } from '../revocation/lease.js';
import type { Principal } from '../users/principal.js';
import { BadCredentials } from './bad-credentials.js';
import type { KeyPair } from './key-pair.js';
import { KeyReads } from './key-reads.js';
import { LastUse } from './last-use.js';
import { matchingSecret } from './matching-secret.js';
import { NarrowLane } from './narrow-lane.js';
import { publishOutcome } from './verifications.js';
import { VerifiedKeys } from './verified-keys.js';
import { VERIFIER_OPTIONS, type VerifierOptions } from './verifier-options.js';

/** How long a request waits for the database in all, in milliseconds. */
const WAIT_MS = 1000;
const away = () => new LatchkeyError('unavailable', 'The database does not answer at the moment. Try again shortly.');

/** Finds the owner of a key pair: decides from memory, else asks the database, else refuses. */
@Injectable()
export class ApiKeyVerifier implements OnApplicationBootstrap {
  private readonly verified: VerifiedKeys | undefined;
  private readonly reads: KeyReads;
  private readonly badCredentials: BadCredentials | undefined;
  private readonly narrow = new NarrowLane((apiKeys) => this.reads.many(apiKeys));
  /** How many pairs memory has accepted, and refused. */
  hits = 0;
  refusals = 0;

  constructor(
    database: Database,
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
      lease.register(this.verified);
    }
    this.reads = new KeyReads(database, lease, clock, this.verified);
  }

  /** API keys in the cache that have a live secret. */
  get size(): number {
    return this.verified?.size ?? 0;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.reads.warmUp();
  }

  /**
   * The owner of the key, from memory: no query, no promise.
   * @returns null when this secret was refused before; undefined when memory can't decide, and `verify` has to.
   */
  findCached(pair: KeyPair): Principal | null | undefined {
    const principal = this.cached(pair);
    if (principal) this.hits++;
    if (principal === null) this.refusals++;
    return principal;
  }

  /**
   * The owner of the key, if the secret is live: from memory, or by one query.
   * @param address where the request comes from, for the limit on bad credentials; without it, no limit applies.
   * @returns null when the pair proves nobody, whatever the reason.
   * @throws LatchkeyError `unavailable` when the database does not answer within a second, or too many unknown callers are
   * waiting; `too_many_requests` when too many bad credentials came from that address, and this is another one.
   */
  async verify(pair: KeyPair, address?: string): Promise<Principal | null> {
    const asked = this.clock.now();
    const cached = this.findCached(pair);
    if (cached !== undefined) return cached;
    return publishOutcome(this.judge(pair, address, asked), asked, this.clock);
  }

  private cached({ apiKey, apiSecret }: KeyPair): Principal | null | undefined {
    const entry = this.verified?.get(apiKey);
    if (entry === undefined || !entry.isCurrent || !this.lease.isValid()) return undefined;
    const digest = digestOf(apiSecret);
    const secret = matchingSecret(entry.secrets, digest);
    if (secret) {
      this.lastUse.record(secret.secretId, apiKey);
      return secret.principal;
    }
    return entry.hasRefused(digest) ? null : undefined;
  }

  private async judge(pair: KeyPair, address: string | undefined, asked: Instant): Promise<Principal | null> {
    const entry = this.verified?.get(pair.apiKey);
    const digest = digestOf(pair.apiSecret);
    const isKnown = entry !== undefined && matchingSecret(entry.secrets, digest) !== undefined;
    const refusal = isKnown || address === undefined ? undefined : this.badCredentials?.refusal(address);
    if (refusal) return this.judgeInLane(pair.apiKey, digest, networkOf(address!), refusal);
    const principal = await withTimeout(WAIT_MS, this.judgeByDatabase(pair, digest, asked, isKnown), away);
    if (!principal && address !== undefined) await this.badCredentials?.count(address, pair);
    return principal;
  }

  private async judgeByDatabase(
    pair: KeyPair,
    digest: string,
    asked: Instant,
    isKnown: boolean,
  ): Promise<Principal | null> {
    const { apiKey } = pair;
    if (this.verified?.get(apiKey)?.isCurrent) {
      // The lease is over, or the secret is another one, which may have been made a moment ago: after a poll that
      // begins now, it is certain whether the entry is current. When the poll fails, one more: this process may have
      // been too slow.
      await this.lease.renew(asked.monotonic).catch(() => this.lease.renew(this.clock.now().monotonic));
      const principal = this.cached(pair);
      if (principal !== undefined) return principal;
      const entry = this.verified.get(apiKey);
      if (entry?.isCurrent && this.lease.isValid()) {
        entry.refuse(digest);
        return null;
      }
    }
    for (;;) {
      const { began, secrets } = await this.reads.one(apiKey, isKnown);
      const secret = matchingSecret(secrets, digest);
      if (secret) {
        this.lastUse.record(secret.secretId, apiKey);
        return secret.principal;
      }
      // A read that was under way when this request came may have missed a secret that was made in between.
      if (began.monotonic < asked.monotonic) continue;
      const entry = this.verified?.get(apiKey);
      if (entry?.isCurrent && !matchingSecret(entry.secrets, digest)) entry.refuse(digest);
      return null;
    }
  }

  /** Past the limit on bad credentials, a caller waits with others of its network. @throws `refusal` for a bad pair. */
  private async judgeInLane(apiKey: string, digest: string, network: string, refusal: Error): Promise<Principal> {
    const { secrets } = await this.narrow.ask(network, apiKey);
    const secret = matchingSecret(secrets, digest);
    if (!secret) throw refusal;
    this.lastUse.record(secret.secretId, apiKey);
    return secret.principal;
  }
}
