import { LRUCache } from 'lru-cache';
import type { LatchkeyError } from '../latchkey.error.js';
import { Limit, networkOf } from '../limits/limit.js';
import type { KeyPair } from './key-pair.js';
import { makeMarker } from '../api-keys/api-secret.js';

const SECONDS = 60;
/** How many counted pairs are kept, about 100 bytes each. One that is evicted is counted again. */
const MAX_COUNTED = 100_000;

/**
 * Counts the different bad credentials that come from each address. A client that repeats a dead token is not guessing,
 * and others behind its address have done nothing wrong.
 */
export class BadCredentials {
  private readonly limit: Limit;
  /** Until when (of performance.now()) a pair from an address counts as counted, by its marker. */
  private readonly counted = new LRUCache<number, number>({ max: MAX_COUNTED });
  private readonly markerOf = makeMarker();

  /** @param perMinute how many may come from one address. */
  constructor(perMinute: number) {
    const refusal = 'Too many bad credentials from this address.';
    this.limit = new Limit({ name: 'bad-credentials', points: perMinute, seconds: SECONDS, refusal });
  }

  /** The error for callers from that address; undefined below the limit. */
  refusal(address: string): LatchkeyError | undefined {
    return this.limit.refusalOf(networkOf(address));
  }

  /** Counts this pair, unless it was counted in the last minute. Never rejects. */
  async count(address: string, { apiKey, apiSecret }: KeyPair): Promise<void> {
    const network = networkOf(address);
    const pair = this.markerOf(network, apiKey, apiSecret);
    const now = performance.now();
    if ((this.counted.get(pair) ?? 0) > now) return;
    this.counted.set(pair, now + SECONDS * 1000);
    await this.limit.count(network).catch(() => undefined);
  }
}
