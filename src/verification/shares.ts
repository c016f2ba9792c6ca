import { LRUCache } from 'lru-cache';
import { GatheredRefusals } from '../audit/gathered-refusals.js';
import { Database } from '../database/database.js';
import { everyHour } from '../database/every-hour.js';
import { withTimeout } from '../database/with-timeout.js';
import { LatchkeyError } from '../latchkey.error.js';
import { Inject, Injectable, Logger, Optional } from '../nest-core.js';
import type { Principal } from '../users/principal.js';
import type { RateLimit } from '../users/rate-limits.js';
import { LastUse } from './last-use.js';
import { forgetShares, noteReached, type Share, type ShareOf, takeShare } from './share-rows.js';
import { publishRefusal } from './verification-events.js';
import { VERIFIER_OPTIONS, type VerifierOptions } from './verifier-options.js';

/** A process holds a twentieth of a window's requests at most. What it holds is lost when the window ends. */
const PART = 20;
/** A share that lasts for less than this part of its window is used fast. */
const FAST = 10;
/** Of what is left, a process takes a twentieth in advance, or a sixth where it is used fast. */
const IN_ADVANCE = { slow: PART, fast: 6 };
/**
 * When fewer are left, nothing is taken in advance: each request takes its own, or those that wait at once theirs. So the last
 * ones are not held by a process that nobody asks, and what an answer says is left is exact.
 */
const FEW = 2 * PART;
/** Windows of which this process holds something. */
const MAX_WINDOWS = 100_000;
/** How often a request that was overtaken by others tries again. */
const ATTEMPTS = 50;
/** How long a request waits for a share, in milliseconds. */
const WAIT_MS = 1000;
const FORGOTTEN_AFTER_MS = 60 * 60 * 1000;

const databaseAway = () =>
  new LatchkeyError('unavailable', 'The database does not answer at the moment. Try again shortly.');

type ApiKeyCredential = Principal['credential'] & { readonly type: 'api-key' };

/** What is left to a secret after a request. */
export interface Allowance {
  readonly limit: RateLimit;
  /** What no process has taken, as of the last share of this one: whichever is asked next can let in so many. */
  readonly left: number;
  /** Seconds until the window ends. */
  readonly reset: number;
}

/** A window of an allowance, and what this process holds of it. */
class Window {
  held = 0;
  /** What the database has left, as of the last share. */
  left: number;
  isReported = false;
  /** Requests that wait for a share. */
  waiting = 0;
  private told: Allowance | undefined;
  /** Until when that is so, in milliseconds since 1970. */
  private toldUntil = 0;
  private sharedAt = 0;
  private fetching: Promise<void> | undefined;

  constructor(
    readonly of: ShareOf,
    readonly limit: RateLimit,
    public endsAt: number,
  ) {
    this.left = limit.requests;
  }

  /** Whether another share should be fetched before this one is used up. */
  get isLow(): boolean {
    if (this.held > this.limit.requests / PART / 4) return false; // at once, for nearly all requests
    const target = this.inAdvance(this.left);
    return target > 0 && this.held <= target / 4;
  }

  /** The same object as long as nothing has changed: what is made of it can be kept. */
  allowance(now: number): Allowance {
    if (this.told && now < this.toldUntil) return this.told;
    const { limit, left, endsAt } = this;
    const reset = Math.max(1, Math.ceil((endsAt - now) / 1000));
    this.toldUntil = endsAt - 1000 * (reset - 1);
    return (this.told = { limit, left, reset });
  }

  /** One share at a time. @throws LatchkeyError `unavailable` when it is not there in time; then it may come later. */
  fetch(database: Database): Promise<void> {
    this.fetching ??= withTimeout(WAIT_MS, this.fetchShare(database), databaseAway).finally(
      () => (this.fetching = undefined),
    );
    return this.fetching;
  }

  /** How many this process should hold when so many are left. */
  private inAdvance(left: number): number {
    if (left < FEW) return 0;
    const isFast = performance.now() - this.sharedAt < (1000 * this.limit.seconds) / FAST;
    const part = isFast ? IN_ADVANCE.fast : IN_ADVANCE.slow;
    return Math.floor(Math.min(left / part, this.limit.requests / PART));
  }

  private async fetchShare(database: Database): Promise<void> {
    await undefined; // those that wait since the last share are all counted then
    const { waiting: needed, left, endsAt } = this;
    const { requests } = this.limit;
    const inAdvance = (of: number) => Math.max(0, this.inAdvance(of) - this.held);
    this.take(await takeShare(database, this.of, { needed, inAdvance, left, requests, endsAt }));
  }

  private take({ taken, left, endsAt }: Share): void {
    if (endsAt < this.endsAt) return; // it came late, and its window is over
    if (endsAt > this.endsAt) [this.held, this.left, this.endsAt] = [0, left, endsAt];
    this.held += taken;
    this.left = Math.min(this.left, left);
    this.toldUntil = 0;
    this.sharedAt = performance.now();
  }
}

/**
 * Lets a secret in as often as its limits allow, over all processes together: each takes shares of a window's requests from
 * the database, and lets in no more than it holds. While it holds some, a request asks nothing.
 */
@Injectable()
export class Shares {
  private readonly logger = new Logger('Limits');
  private readonly windows = new LRUCache<string, Window>({ max: MAX_WINDOWS });
  /** The same by the credential, which all requests with a secret share: it is found at once. */
  private readonly current = new WeakMap<ApiKeyCredential, readonly Window[]>();
  private readonly isOff: boolean;
  private end: (() => void) | undefined;

  constructor(
    private readonly database: Database,
    private readonly lastUse: LastUse,
    @Optional() @Inject(VERIFIER_OPTIONS) { limits = true }: VerifierOptions = {},
    @Optional() private readonly refusals?: GatheredRefusals,
  ) {
    this.isOff = !limits;
  }

  onApplicationBootstrap(): void {
    if (this.isOff) return;
    const forget = () => forgetShares(this.database, Date.now() - FORGOTTEN_AFTER_MS);
    this.end = everyHour(this.logger, 'forget the limits of windows that are over', forget);
  }

  onApplicationShutdown(): void {
    this.end?.();
  }

  /**
   * Counts a request of that caller.
   * @returns what is left; undefined for who has no limits. A promise where this process has to ask the database.
   * @throws LimitReached; LatchkeyError `unavailable` when the database can't be asked.
   */
  take(principal: Principal): readonly Allowance[] | undefined | Promise<readonly Allowance[]> {
    const { credential } = principal;
    if (this.isOff || credential.type !== 'api-key' || !credential.limits) return undefined;
    const windows = this.windowsOf(credential, credential.limits);
    if (!windows.every(({ held }) => held > 0)) return this.takeLater(principal, credential);
    return this.taken(windows);
  }

  private async takeLater(principal: Principal, credential: ApiKeyCredential): Promise<readonly Allowance[]> {
    const { secretId, apiKey } = credential;
    this.lastUse.postpone(secretId, apiKey);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const windows = this.windowsOf(credential, credential.limits!);
      const empty = windows.filter(({ held }) => held === 0);
      if (empty.length === 0) {
        this.lastUse.accepted(secretId, apiKey);
        return this.taken(windows);
      }
      if (empty.some(({ left }) => left === 0)) throw this.refuse(principal, credential, windows);
      for (const window of empty) window.waiting++;
      try {
        await Promise.all(empty.map((window) => window.fetch(this.database)));
      } finally {
        for (const window of empty) window.waiting--;
      }
    }
    throw new LatchkeyError('unavailable', 'Too many requests of this secret wait for their turn. Try again shortly.');
  }

  /** Takes one of each window, and fetches the next share of one that is low. */
  private taken(windows: readonly Window[]): readonly Allowance[] {
    for (const window of windows) {
      window.held--;
      // That it fails is found out by the request that needs it.
      if (window.isLow) window.fetch(this.database).catch(() => undefined);
    }
    return allowancesOf(windows);
  }

  private windowsOf(credential: ApiKeyCredential, limits: readonly RateLimit[]): readonly Window[] {
    const now = Date.now();
    const known = this.current.get(credential);
    if (known?.every(({ endsAt }) => now < endsAt)) return known;
    const windows = limits.map((limit) => this.windowOf(credential, limit, now));
    this.current.set(credential, windows);
    return windows;
  }

  private windowOf({ apiKey, secretName: name }: ApiKeyCredential, limit: RateLimit, now: number): Window {
    const { seconds, requests } = limit;
    // A retiring secret of the same name may have another limit: one allowance, of which each takes as its limit says.
    const key = `${apiKey} ${seconds} ${requests} ${name}`;
    const known = this.windows.get(key);
    if (known && now < known.endsAt) return known;
    const ms = 1000 * seconds;
    const window = new Window({ apiKey, name, seconds }, limit, now - (now % ms) + ms);
    this.windows.set(key, window);
    return window;
  }

  private refuse(principal: Principal, credential: ApiKeyCredential, windows: readonly Window[]): LimitReached {
    const { apiKey, secretId } = credential;
    this.lastUse.limited(secretId, apiKey);
    publishRefusal('limit');
    const reached = windows.filter(({ held, left }) => held === 0 && left === 0);
    for (const window of reached) void this.report(principal, credential, window);
    const last = reached.toSorted((a, b) => b.endsAt - a.endsAt)[0]!;
    return new LimitReached(last.allowance(Date.now()), allowancesOf(windows));
  }

  /** Once for each window, of all processes. */
  private async report({ name }: Principal, { apiKey, secretId }: ApiKeyCredential, window: Window): Promise<void> {
    if (window.isReported) return;
    window.isReported = true;
    try {
      if (!(await noteReached(this.database, window.of, window.endsAt))) return;
    } catch {
      return; // the database is away; the next window is noted again
    }
    const event = 'limit.reached';
    const { limit } = window;
    this.refusals?.add({ event, actor: name, subject: name, credential: secretId, apiKey, address: null, limit });
  }
}

/** A caller who has used up what a limit allows. */
export class LimitReached extends LatchkeyError {
  constructor(
    { limit: { requests, seconds }, reset }: Allowance,
    readonly allowances: readonly Allowance[],
  ) {
    const message = `This secret may make ${requests} requests in ${seconds} seconds, and has made them. Try again in ${reset} seconds.`;
    super('too_many_requests', message, undefined, reset);
  }
}

function allowancesOf(windows: readonly Window[]): Allowance[] {
  const now = Date.now();
  return windows.map((window) => window.allowance(now));
}
