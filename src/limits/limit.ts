import { isIPv6 } from 'node:net';
import { LRUCache } from 'lru-cache';
import { RateLimiterCluster, RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { LatchkeyError } from '../latchkey.error.js';

/** Of whom is counted at most; beyond, the ones that were counted least lately start anew. About 600 bytes each. */
const MAX_COUNTED = 50_000;

/** Of the primary, when counts are kept there. */
const ANSWER_MS = 1000;

export interface LimitOptions {
  /** Tells its counts from those of other limits. */
  readonly name: string;
  /** So many are allowed … */
  readonly points: number;
  /** … from the first one on for this long. */
  readonly seconds: number;
  /** What is told who has used them up, before "Try again in … seconds." */
  readonly refusal: string;
}

let Limiter: typeof RateLimiterMemory | typeof RateLimiterCluster = RateLimiterMemory;

/**
 * Has the limits that are made from here on counted by the primary of node:cluster, which needs a
 * RateLimiterClusterMaster for that: they hold for all workers together.
 */
export function countInPrimary(): void {
  Limiter = RateLimiterCluster;
}

/** Bounds how often something may be done by one. In memory: each process counts for itself, unless told otherwise. */
export class Limit {
  private readonly limiter: RateLimiterMemory | RateLimiterCluster;
  /** Who was counted here, and until when (of performance.now()) they have used up what they may; 0: they have not. */
  private counted?: LRUCache<string, number>;

  constructor(private readonly options: LimitOptions) {
    const { name: keyPrefix, points, seconds: duration } = options;
    this.limiter = new Limiter({ keyPrefix, points, duration, timeoutMs: ANSWER_MS });
  }

  /**
   * Asks nobody, so that a flood costs little: what other workers have counted is known once one was counted here.
   * @throws LatchkeyError `too_many_requests` when `key` has used up what it may.
   */
  check(key: string): void {
    const refusal = this.refusalOf(key);
    if (refusal) throw refusal;
  }

  /** The error for `key`, when it has used up what it may. */
  refusalOf(key: string): LatchkeyError | undefined {
    const left = this.left(key);
    return left > 0 ? this.refusal(left) : undefined;
  }

  /** Milliseconds until `key` may again, as far as is known here; 0 or less when it may now. */
  left(key: string): number {
    return (this.counted?.peek(key) ?? 0) - performance.now();
  }

  /**
   * Counts one.
   * @throws LatchkeyError `too_many_requests` when that is one too many, `unavailable` when the primary does not count.
   */
  async count(key: string): Promise<void> {
    const { consumedPoints, msBeforeNext } = await this.consume(key);
    if (consumedPoints > this.options.points) throw this.refusal(msBeforeNext);
  }

  /** Counts one, unless it is one too many. @returns whether it did. @throws LatchkeyError `unavailable`, as `count`. */
  async tryCount(key: string): Promise<boolean> {
    if (this.left(key) > 0) return false;
    if ((await this.consume(key)).consumedPoints <= this.options.points) return true;
    await this.takeBack(key);
    return false;
  }

  /** Takes one back. Where the primary does not answer, the count is over in time all the same. */
  async takeBack(key: string): Promise<void> {
    const state = await this.limiter.reward(key).catch(() => undefined);
    if (state) this.note(key, state);
  }

  forget(key: string): void {
    this.counted?.delete(key);
  }

  private async consume(key: string): Promise<RateLimiterRes> {
    const state = await this.limiter.consume(key).catch((refused: RateLimiterRes | Error) => refused);
    if (state instanceof Error)
      throw new LatchkeyError('unavailable', 'Attempts can not be counted at the moment. Try again shortly.');
    this.note(key, state);
    return state;
  }

  private note(key: string, { consumedPoints, msBeforeNext }: RateLimiterRes): void {
    this.counted ??= this.newCounted();
    this.counted.set(key, consumedPoints >= this.options.points ? performance.now() + msBeforeNext : 0);
  }

  /** Made with the first count: it sets aside room for all of them. */
  private newCounted(): LRUCache<string, number> {
    // A count that could not be deleted is over in time all the same.
    const dispose = (_: number, key: string) => void this.limiter.delete(key).catch(() => undefined);
    return new LRUCache({ max: MAX_COUNTED, dispose, noDisposeOnSet: true });
  }

  /** What is thrown at who may again in `ms`. */
  refusal(ms: number): LatchkeyError {
    const seconds = Math.max(1, Math.ceil(ms / 1000));
    const message = `${this.options.refusal} Try again in ${seconds} seconds.`;
    return new LatchkeyError('too_many_requests', message, undefined, seconds);
  }
}

/** An address as it is counted: one person has a whole /64 of IPv6 addresses (RFC 6177). */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  const [head = '', tail = ''] = address.split('%')[0]!.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const groups = address.includes('::')
    ? [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
    : left;
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
