import { Inject, Injectable, type OnApplicationBootstrap, Optional } from '@nestjs/common';
import { digestOf } from '../api-keys/api-secret.js';
import { Database } from '../database/database.js';
import { within } from '../database/within.js';
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

/** Who is this? Decides from memory; else asks the database; else refuses. */
@Injectable()
export class ApiKeyVerifier implements OnApplicationBootstrap {
  private readonly verified: VerifiedKeys | undefined;
  private readonly reads: KeyReads;
  private readonly badCredentials: BadCredentials | undefined;
  private readonly narrow = new NarrowLane((apiKeys) => this.reads.many(apiKeys));
  /** Verifications that memory has answered, with a principal and with a refusal. */
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
      lease.keeps(this.verified);
    }
    this.reads = new KeyReads(database, lease, clock, this.verified);
  }

  /** API keys that are remembered. */
  get size(): number {
    return this.verified?.size ?? 0;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.reads.warmUp();
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
    return publishOutcome(this.ask(pair, address, asked), asked, this.clock);
  }

  private remembered({ apiKey, apiSecret }: KeyPair): Principal | null | undefined {
    const entry = this.verified?.get(apiKey);
    if (entry === undefined || !entry.isTrue || !this.lease.isValid()) return undefined;
    const digest = digestOf(apiSecret);
    const secret = matchingSecret(entry.secrets, digest);
    if (secret) {
      this.lastUse.record(secret.secretId, apiKey);
      return secret.principal;
    }
    return entry.hasRefused(digest) ? null : undefined;
  }

  private async ask(pair: KeyPair, address: string | undefined, asked: Instant): Promise<Principal | null> {
    const entry = this.verified?.get(pair.apiKey);
    const isKnown = entry !== undefined && matchingSecret(entry.secrets, digestOf(pair.apiSecret)) !== undefined;
    const refusal = isKnown || address === undefined ? undefined : this.badCredentials?.refusal(address);
    if (refusal) return this.judgeBeside(pair, networkOf(address!), refusal);
    const principal = await within(WAIT_MS, this.judge(pair, asked, isKnown), away);
    if (!principal && address !== undefined) await this.badCredentials?.count(address, pair);
    return principal;
  }

  private async judge(pair: KeyPair, asked: Instant, isKnown: boolean): Promise<Principal | null> {
    const { apiKey } = pair;
    const digest = digestOf(pair.apiSecret);
    if (this.verified?.get(apiKey)?.isTrue) {
      // The lease is over, or the secret is another one, which may have been made a moment ago: a poll that begins now
      // tells whether what is remembered is the last word.
      // Once more when it fails: it may have been this process that was too slow for it.
      await this.lease.renew(asked.monotonic).catch(() => this.lease.renew(this.clock.now().monotonic));
      const principal = this.remembered(pair);
      if (principal !== undefined) return principal;
      const entry = this.verified.get(apiKey);
      if (entry?.isTrue && this.lease.isValid()) {
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
      // One that was under way when this request came may have missed a secret that was made in between.
      if (began.monotonic < asked.monotonic) continue;
      const entry = this.verified?.get(apiKey);
      if (entry?.isTrue && !matchingSecret(entry.secrets, digest)) entry.refuse(digest);
      return null;
    }
  }

  /** Beside many others from that network, past the limit: only who is right gets in. @throws `refusal` else. */
  private async judgeBeside({ apiKey, apiSecret }: KeyPair, network: string, refusal: Error): Promise<Principal> {
    const { secrets } = await this.narrow.ask(network, apiKey);
    const secret = matchingSecret(secrets, digestOf(apiSecret));
    if (!secret) throw refusal;
    this.lastUse.record(secret.secretId, apiKey);
    return secret.principal;
  }
}
