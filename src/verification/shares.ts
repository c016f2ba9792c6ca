import { LRUCache } from 'lru-cache';
import { GatheredRefusals } from '../audit/gathered-refusals.js';
import { Database } from '../database/database.js';
import { everyHour } from '../database/every-hour.js';
import { LatchkeyError } from '../latchkey.error.js';
import { Inject, Injectable, Logger, Optional } from '../nest-core.js';
import type { Principal } from '../users/principal.js';
import type { RateLimit } from '../users/rate-limits.js';
import { LastUse } from './last-use.js';
import { forgetShares, noteReached, type ShareOf, takeShare } from './share-rows.js';
import { publishRefusal } from './verification-events.js';
import { VERIFIER_OPTIONS, type VerifierOptions } from './verifier-options.js';

/** A process holds a twentieth of a window's requests at most, or one. What it holds is lost when the window ends. */
const PART = 20;
/** A share that lasts for less than this part of its window is used fast. */
const FAST = 10;
/** Windows of which this process holds something. */
const MAX_WINDOWS = 100_000;
/** How often a request that was overtaken by others tries again. */
const ATTEMPTS = 50;
const FORGOTTEN_AFTER_MS = 60 * 60 * 1000;

type ApiKeyCredential = Principal['credential'] & { readonly type: 'api-key' };

/** What is left to a secret after a request, as far as this process can promise it. */
export interface Allowance {
  readonly limit: RateLimit;
  readonly left: number;
  /** Seconds until the window ends. */
  readonly reset: number;
}

/** A window of an allowance, and what this process holds of it. */
class Window {
  held = 0;
  /** What the database has left, as of the last share. */
  left: number;
  hasNone = false;
  isReported = false;
  /** Requests that wait for a share. */
  waiting = 0;
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
    return !this.hasNone && this.held <= this.most / 2;
  }

  /** One share at a time. */
  fetch(database: Database): Promise<void> {
    this.fetching ??= this.fetchShare(database).finally(() => (this.fetching = undefined));
    return this.fetching;
  }

  private get most(): number {
    return Math.max(1, Math.floor(this.limit.requests / PART));
  }

  /** A twentieth of what is left, or of all where it is used fast; and one for a request that waits. */
  private get wanted(): number {
    const isFast = performance.now() - this.sharedAt < (1000 * this.limit.seconds) / FAST;
    const held = isFast ? this.most : Math.max(1, Math.floor(this.left / PART));
    return Math.max(1, held - this.held + (this.waiting > 0 ? 1 : 0));
  }

  private async fetchShare(database: Database): Promise<void> {
    const { endsAt } = this;
    const { requests } = this.limit;
    const share = await takeShare(database, this.of, { wanted: this.wanted, requests, endsAt });
    if (share.endsAt !== endsAt) [this.held, this.endsAt] = [0, share.endsAt];
    this.held += share.taken;
    this.left = share.left;
    this.hasNone = share.taken === 0;
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
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const windows = this.windowsOf(credential, credential.limits!);
      const empty = windows.filter(({ held }) => held === 0);
      if (empty.length === 0) return this.taken(windows);
      if (empty.some(({ hasNone }) => hasNone)) throw this.refuse(principal, credential, windows);
      for (const window of empty) window.waiting++;
      try {
        await Promise.all(empty.map((window) => window.fetch(this.database)));
      } finally {
        for (const window of empty) window.waiting--;
      }
    }
    throw new LatchkeyError('unavailable', 'Too many requests of this secret wait for their turn. Try again shortly.');
  }

  /** Takes one of each window, and fetches the next share of one that is low. The last one is waited for, to tell what is left. */
  private taken(windows: readonly Window[]): readonly Allowance[] | Promise<readonly Allowance[]> {
    for (const window of windows) window.held--;
    const low = windows.filter(({ isLow }) => isLow);
    if (low.length === 0) return allowancesOf(windows);
    // That one fails is found out by the request that needs it.
    const fetched = low.map((window) => window.fetch(this.database).catch(() => undefined));
    if (low.every(({ held }) => held > 0)) return allowancesOf(windows);
    return Promise.all(fetched).then(() => allowancesOf(windows));
  }

  private windowsOf({ apiKey, secretName: name }: ApiKeyCredential, limits: readonly RateLimit[]): Window[] {
    const now = Date.now();
    return limits.map((limit) => {
      const { seconds, requests } = limit;
      const key = `${apiKey} ${seconds} ${name}`;
      const known = this.windows.get(key);
      if (known && now < known.endsAt && known.limit.requests === requests) return known;
      const ms = 1000 * seconds;
      const window = new Window({ apiKey, name, seconds }, limit, now - (now % ms) + ms);
      this.windows.set(key, window);
      return window;
    });
  }

  private refuse(principal: Principal, credential: ApiKeyCredential, windows: readonly Window[]): LimitReached {
    const { apiKey, secretId } = credential;
    this.lastUse.limited(secretId, apiKey);
    publishRefusal('limit');
    const reached = windows.filter(({ hasNone }) => hasNone);
    for (const window of reached) void this.report(principal, credential, window);
    const last = reached.toSorted((a, b) => b.endsAt - a.endsAt)[0]!;
    return new LimitReached(last.limit, secondsUntil(last.endsAt), allowancesOf(windows));
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
    { requests, seconds }: RateLimit,
    retryAfter: number,
    readonly allowances: readonly Allowance[],
  ) {
    const message = `This secret may make ${requests} requests in ${seconds} seconds, and has made them. Try again in ${retryAfter} seconds.`;
    super('too_many_requests', message, undefined, retryAfter);
  }
}

function allowancesOf(windows: readonly Window[]): Allowance[] {
  return windows.map(({ limit, held, endsAt }) => ({ limit, left: held, reset: secondsUntil(endsAt) }));
}

function secondsUntil(time: number): number {
  return Math.max(1, Math.ceil((time - Date.now()) / 1000));
}
