import { channel } from 'node:diagnostics_channel';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { Database } from '../database/database.js';
import { within } from '../database/within.js';
import { Shed } from '../database/slots.js';
import { LatchkeyError } from '../latchkey.error.js';
import { Limit, networkOf } from '../limits/limit.js';
import { CLOCK, type Clock, type Instant, SYSTEM_CLOCK } from '../revocation/instant.js';
import { Lease, READ_MS } from '../revocation/lease.js';
import type { Principal } from '../users/principal.js';
import { digestOf, DUMMY, isSecretOf, storedForm } from './api-secret.js';
import { LastUse } from './last-use.js';
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
  /** Bad credentials from one address in a minute, after which it is judged no more by a query; 0: no limit. Default 100. */
  readonly badCredentialsPerMinute?: number;
}

/**
 * One row for each unrevoked secret of the key and each role of its owner, and the revision that they are true at; one
 * row in any case. One statement, so that they are of one moment.
 */
const LIVE_SECRETS = `
  SELECT v.n, v.tag, k.api_key AS apiKey, u.id AS userId, u.name, u.full_name AS fullName, r.role,
         s.id AS secretId, s.algorithm, s.digest, s.expires_at AS expiresAt
    FROM lk_revision v
    LEFT JOIN lk_api_keys k ON k.api_key = ?
    LEFT JOIN lk_users u ON u.id = k.user_id AND u.enabled = 1
    LEFT JOIN lk_api_secrets s ON s.api_key = k.api_key AND s.revoked_at IS NULL
    LEFT JOIN lk_user_roles r ON r.user_id = u.id
   WHERE v.id = 1`;

interface Row {
  n: number | string;
  tag: number | string;
  apiKey: string | null;
  userId: string | null;
  name: string;
  fullName: string;
  role: string | null;
  secretId: string | null;
  algorithm: string;
  digest: string;
  expiresAt: number | string | null;
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
const AWAY = 'The database does not answer at the moment. Try again shortly.';

/** What a read has found. */
interface Read {
  readonly began: Instant;
  readonly secrets: readonly LiveSecret[];
}

/** Reads that are under way, by key. */
type Reads = Map<string, Promise<Read>>;

/** Who is this? */
@Injectable()
export class ApiKeyVerifier {
  private readonly verified: VerifiedKeys | undefined;
  private readonly badCredentials: Limit | undefined;
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
    const refusal = 'Too many bad credentials from this address.';
    if (badCredentialsPerMinute > 0)
      this.badCredentials = new Limit({
        name: 'bad-credentials',
        points: badCredentialsPerMinute,
        seconds: 60,
        refusal,
      });
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
   * The owner of the key, from memory: no query, no promise.
   * @param request where it comes from, for the limit on bad credentials; without one, none applies.
   * @returns null when the secret is the one that was refused last; undefined when memory can't say, or the limit is
   * reached: `verify` tells.
   */
  recall(pair: KeyPair, request?: { readonly ip?: string }): Principal | null | undefined {
    const principal = this.remembered(pair);
    if (principal) this.hits++;
    if (principal === null) {
      const from = this.counts(request?.ip);
      if (from !== undefined && this.badCredentials!.left(from) > 0) return undefined;
      if (from !== undefined) void this.badCredentials!.count(from).catch(() => undefined);
      this.refusals++;
    }
    return principal;
  }

  /**
   * The owner of the key, if the secret is live: from memory, or by one query.
   * @param address where the request comes from, for the limit on bad credentials; without one, none applies.
   * @returns null when the pair proves nobody, whatever the reason.
   * @throws LatchkeyError `unavailable` when the database can't say within a second, or too many unknown callers are
   * waiting; `too_many_requests` when too many bad credentials came from that address, and memory can't say.
   */
  async verify(pair: KeyPair, address?: string): Promise<Principal | null> {
    const asked = this.clock.now();
    const remembered = this.remembered(pair);
    if (remembered) {
      this.hits++;
      return remembered;
    }
    const entry = this.verified?.get(pair.apiKey);
    const isKnown = entry !== undefined && liveSecret(entry.secrets, digestOf(pair.apiSecret)) !== undefined;
    let outcome: Verification['outcome'] = 'failed';
    try {
      const from = this.counts(address);
      if (!isKnown && from !== undefined) this.badCredentials!.check(from);
      const found =
        remembered === null ? null : await within(WAIT_MS, this.judge(pair, asked, isKnown), () => unavailable(AWAY));
      outcome = found ? 'accepted' : 'refused';
      if (!found && from !== undefined) await this.badCredentials!.count(from).catch(() => undefined);
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

  /** By what bad credentials from that address are counted; undefined when they are not. */
  private counts(address: string | undefined): string | undefined {
    return this.badCredentials && address !== undefined ? networkOf(address) : undefined;
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
    return entry.refused && isSecretOf(entry.refused, digest) ? null : undefined;
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
        const { algorithm, digest } = storedForm(apiSecret);
        entry.refused = { algorithm, digest };
        return null;
      }
    }
    for (;;) {
      const { began, secrets } = await this.read(apiKey, isKnown);
      const secret = liveSecret(secrets, digestOf(apiSecret));
      if (secret) {
        this.lastUse.record(secret.secretId, apiKey);
        return secret.principal;
      }
      // One that was under way when this request came may have missed a secret that was made in between.
      if (began.monotonic >= asked.monotonic) return null;
    }
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
      const rows = await this.database.select<Row>(LIVE_SECRETS, [apiKey], READ_MS);
      // No `await` from here on: what is found here is true only as long as nothing comes in between.
      const [first] = rows;
      if (!first) throw new Error('The table lk_revision has lost its row.');
      const revision = { n: Number(first.n), tag: Number(first.tag) };
      const secrets = secretsOf(apiKey, rows);
      if (!this.lease.accepts(began, revision, first.userId)) continue;
      if (secrets.length === 0)
        this.verified?.delete(apiKey); // from here on a stranger's
      else if (this.lease.isValid() && this.verified) {
        // Without a lease it may be of a history that the next poll does not know, and would take for its own.
        this.verified.set(apiKey, first.userId!, secrets);
        this.lease.saw(revision);
      }
      return { began, secrets };
    }
    throw unavailable('The database answers too slowly at the moment. Try again shortly.');
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

/** What the rows hold. All requests with a secret share its principal, so that is frozen. */
function secretsOf(apiKey: string, rows: Row[]): LiveSecret[] {
  const secrets = new Map<string, LiveSecret>();
  const roles = Object.freeze([...new Set(rows.flatMap(({ role }) => role ?? []))].toSorted());
  for (const { secretId, userId, name, fullName, algorithm, digest, ...row } of rows) {
    // The database may compare with less care: MySQL ignores blanks at the end.
    if (row.apiKey !== apiKey || userId === null || secretId === null || secrets.has(secretId)) continue;
    const credential = Object.freeze({ type: 'api-key' as const, apiKey, secretId });
    const principal = Object.freeze({ name, fullName, roles, credential });
    const expiresAt = row.expiresAt === null ? null : Number(row.expiresAt);
    secrets.set(secretId, { algorithm, digest, expiresAt, secretId, principal });
  }
  return [...secrets.values()];
}

function unavailable(message: string): LatchkeyError {
  return new LatchkeyError('unavailable', message);
}
