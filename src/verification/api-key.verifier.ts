import { Inject, Injectable, type OnApplicationBootstrap, Optional } from '@nestjs/common';
import { digestOf } from '../api-keys/api-secret.js';
import { Database } from '../database/database.js';
import { withTimeout } from '../database/with-timeout.js';
import { LatchkeyError } from '../latchkey.error.js';
import { networkOf } from '../limits/limit.js';
import { CLOCK, type Clock, type Instant, SYSTEM_CLOCK } from '../revocation/instant.js';
import { Lease } from '../revocation/lease.js';
import type { Principal } from '../users/principal.js';
import { GatheredRefusals } from '../audit/gathered-refusals.js';
import { refuseAddress } from './address-refusals.js';
import type { ApiToken, TokenSource } from './api-token.js';
import { BadCredentials } from './bad-credentials.js';
import { KeyCache } from './key-cache.js';
import { KeyReads } from './key-reads.js';
import { LastUse } from './last-use.js';
import type { LiveSecret } from './live-secrets.js';
import { ThrottledReads } from './throttled-reads.js';
import { publishOutcome } from './verification-events.js';
import { VERIFIER_OPTIONS, type VerifierOptions } from './verifier-options.js';

/** How long a request waits for the database, in milliseconds; one that is throttled waits for its turn besides. */
const WAIT_MS = 1000;
const databaseAway = () =>
  new LatchkeyError('unavailable', 'The database does not answer at the moment. Try again shortly.');

/** What is known of a request that memory could not decide. */
interface Call {
  readonly arrived: Instant;
  readonly isKnown: boolean;
  readonly source: TokenSource;
}

/**
 * Finds the owner of a token. Memory decides, else the database; a caller for whom it can't be asked gets an error. A caller is
 * *known* when this very token is in the cache and has not expired, even if the key may have changed since; all others are *unknown*.
 */
@Injectable()
export class ApiKeyVerifier implements OnApplicationBootstrap {
  private readonly cache: KeyCache | undefined;
  private readonly reads: KeyReads;
  private readonly badCredentials: BadCredentials | undefined;
  private readonly throttled = new ThrottledReads((apiKeys) => this.reads.readMany(apiKeys));
  /** How many tokens memory has accepted. */
  hits = 0;
  /** How many tokens memory has refused. */
  refusals = 0;

  constructor(
    database: Database,
    private readonly lastUse: LastUse,
    private readonly lease: Lease,
    @Optional()
    @Inject(VERIFIER_OPTIONS)
    { maxCachedKeys = 100_000, badCredentialsPerMinute = 100 }: VerifierOptions = {},
    @Optional() @Inject(CLOCK) private readonly clock: Clock = SYSTEM_CLOCK,
    @Optional() private readonly gathered?: GatheredRefusals,
  ) {
    if (badCredentialsPerMinute > 0) this.badCredentials = new BadCredentials(badCredentialsPerMinute);
    if (maxCachedKeys > 0) {
      this.cache = new KeyCache(maxCachedKeys);
      lease.register(this.cache);
    }
    this.reads = new KeyReads(database, lease, clock, this.cache);
  }

  /** API keys in the cache that have a live secret. */
  get size(): number {
    return this.cache?.size ?? 0;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.reads.warmUp();
  }

  /**
   * The owner of the token, from memory: no query, no promise.
   * @returns null when this token was refused before; undefined when memory can't decide, and `verify` has to.
   */
  findCached(token: ApiToken, source: TokenSource = {}): Principal | null | undefined {
    const principal = this.decideFromMemory(token, source);
    if (principal) {
      this.hits++;
      this.recordUse(principal, source);
    }
    if (principal === null) this.refusals++;
    return principal;
  }

  /**
   * The owner of the token, if its secret is live: from memory, or by asking the database.
   * @returns null when the token proves nobody, whatever the reason.
   * @throws LatchkeyError `address_not_allowed` when the secret is right, and not good from there; `unavailable` when the
   * database does not answer within a second, or the queue of unknown callers is full; `too_many_requests` when too many bad
   * credentials came from that address, and either this is another one, or the queue of all such addresses is full.
   */
  async verify(token: ApiToken, source: TokenSource = {}): Promise<Principal | null> {
    const arrived = this.clock.now();
    const cached = this.findCached(token, source);
    if (cached !== undefined) return cached;
    return publishOutcome(this.verifyUncached(token, source, arrived), arrived, this.clock);
  }

  /**
   * Waits for a poll that begins now, if the database answers: what memory has is as new as this call from then on. For a
   * refusal that a change on another node may have made untrue.
   */
  async catchUp(): Promise<void> {
    await this.lease.renew(this.clock.now().monotonic).catch(() => undefined);
  }

  private decideFromMemory({ apiKey, apiSecret }: ApiToken, source: TokenSource): Principal | null | undefined {
    const entry = this.cache?.get(apiKey);
    if (entry === undefined || !entry.isCurrent || !this.lease.isValid()) return undefined;
    const digest = digestOf(apiSecret);
    const secret = entry.secrets.find(digest);
    // That address may have been allowed a moment ago, on another node.
    if (secret) return isGoodFrom(secret, source) ? secret.principal : undefined;
    return entry.hasRefused(digest) ? null : undefined;
  }

  private async verifyUncached(token: ApiToken, source: TokenSource, arrived: Instant) {
    const { address } = source;
    const entry = this.cache?.get(token.apiKey);
    const digest = digestOf(token.apiSecret);
    const isKnown = entry?.secrets.find(digest) !== undefined;
    const limitError = isKnown || address === undefined ? undefined : this.badCredentials?.errorFor(address);
    if (limitError) return this.verifyThrottled(token.apiKey, digest, source, limitError);
    const principal = await withTimeout(
      WAIT_MS,
      this.askDatabase(token, digest, { arrived, isKnown, source }),
      databaseAway,
    );
    if (principal)
      this.recordUse(principal, source); // not before: what comes after the time-out has let nobody in
    else if (address !== undefined) await this.badCredentials?.count(address, token);
    return principal;
  }

  private async askDatabase(token: ApiToken, digest: string, call: Call) {
    if (this.cache?.get(token.apiKey)?.isCurrent) {
      const principal = await this.decideAfterPoll(token, digest, call);
      if (principal !== undefined) return principal;
    }
    return this.decideByReading(token.apiKey, digest, call);
  }

  /**
   * For an entry that is current as far as is known: the lease is over, or the secret is none that is cached, and may have
   * been made a moment ago. After a poll that began when the request was here, that is certain.
   * @returns undefined when the key has changed, or has left the cache.
   */
  private async decideAfterPoll(
    token: ApiToken,
    digest: string,
    { arrived, source }: Call,
  ): Promise<Principal | null | undefined> {
    // A poll fails when its answer is late. That may be the fault of this process, where it was busy: so once more.
    await this.lease.renew(arrived.monotonic).catch(() => this.lease.renew(this.clock.now().monotonic));
    const principal = this.decideFromMemory(token, source);
    if (principal !== undefined) return principal;
    const entry = this.cache?.get(token.apiKey);
    if (!entry?.isCurrent || !this.lease.isValid()) return undefined;
    const secret = entry.secrets.find(digest);
    if (secret) return this.accept(secret, source); // which refuses that address, now that it is certain
    entry.refuse(digest);
    return null;
  }

  private async decideByReading(apiKey: string, digest: string, { arrived, isKnown, source }: Call) {
    let read;
    do {
      read = await this.reads.readOne(apiKey, isKnown);
      const secret = read.secrets.find(digest);
      if (secret) return this.accept(secret, source);
      // A read that was under way when this request came may have missed a secret that was made in between.
    } while (read.began.monotonic < arrived.monotonic);
    const entry = this.cache?.get(apiKey);
    if (entry?.isCurrent && !entry.secrets.find(digest)) entry.refuse(digest);
    return null;
  }

  /**
   * Past the limit on bad credentials, a caller waits with others of its network. A bad token is not counted there, since the
   * limit is reached, and not noted as refused, since there may be any number of them. @throws `limitError` for a bad token.
   */
  private async verifyThrottled(apiKey: string, digest: string, source: TokenSource, limitError: Error) {
    const { secrets } = await this.throttled.read(networkOf(source.address!), apiKey);
    const secret = secrets.find(digest);
    if (!secret) throw limitError;
    const principal = this.accept(secret, source);
    this.recordUse(principal, source);
    return principal;
  }

  /** A secret that is right. @throws LatchkeyError `address_not_allowed`. */
  private accept(secret: LiveSecret, source: TokenSource): Principal {
    if (!isGoodFrom(secret, source)) throw refuseAddress(secret.principal, source, this.gathered);
    return secret.principal;
  }

  private recordUse({ credential }: Principal, source: TokenSource): void {
    if (credential.type === 'api-key') this.lastUse.record(credential.secretId, credential.apiKey, source);
  }
}

function isGoodFrom({ networks }: LiveSecret, { address = '' }: TokenSource): boolean {
  return networks === null || networks.includes(address);
}
