import { isIPv6 } from 'node:net';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { LatchkeyError } from '../latchkey.error.js';

/** Of whom is counted at most; beyond, the ones that were counted least lately start anew. About 600 bytes each. */
const MAX_COUNTED = 50_000;

export interface LimitOptions {
  /** So many are allowed … */
  readonly points: number;
  /** … from the first one on for this long. */
  readonly seconds: number;
  /** What is told who has used them up, before "Try again in … seconds." */
  readonly refusal: string;
}

/** Bounds how often something may be done by one. In memory: each process counts for itself. */
export class Limit {
  private readonly limiter: RateLimiterMemory;
  private readonly counted: LRUCache<string, true>;

  constructor(private readonly options: LimitOptions) {
    const { points, seconds: duration } = options;
    this.limiter = new RateLimiterMemory({ points, duration });
    const dispose = (_: true, key: string) => void this.limiter.delete(key);
    this.counted = new LRUCache({ max: MAX_COUNTED, dispose, noDisposeOnSet: true });
  }

  /** @throws LatchkeyError `too_many_requests` when `key` has used up what it may. */
  async check(key: string): Promise<void> {
    const state = await this.limiter.get(key);
    if (state && state.consumedPoints >= this.options.points) throw this.refusal(state);
  }

  /** Counts one. @throws LatchkeyError `too_many_requests` when that is one too many. */
  async count(key: string): Promise<void> {
    this.counted.set(key, true);
    const state = await this.limiter.consume(key).catch((refused: RateLimiterRes | Error) => refused);
    if (state instanceof Error) throw state;
    if (state.consumedPoints > this.options.points) throw this.refusal(state);
  }

  /** Takes one back. */
  async takeBack(key: string): Promise<void> {
    await this.limiter.reward(key);
  }

  async forget(key: string): Promise<void> {
    this.counted.delete(key);
    await this.limiter.delete(key);
  }

  private refusal({ msBeforeNext }: RateLimiterRes): LatchkeyError {
    const seconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
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
