import { LRUCache } from 'lru-cache';
import type { LatchkeyError } from '../latchkey.error.js';
import { Limit, networkOf } from '../limits/limit.js';
import type { KeyPair } from './key-pair.js';
import { makeMarker } from '../api-keys/api-secret.js';

const SECONDS = 60;
/** Pairs that are known to have been counted, about 100 bytes each. One that is forgotten is counted again. */
const MAX_COUNTED = 100_000;

/**
 * Counts the bad credentials that come from each address, different ones only: a client that goes on with a dead token is
 * no guesser, and others behind its address have done nothing wrong.
 */
export class BadCredentials {
  private readonly limit: Limit;
  /** Until when (of performance.now()) a pair from an address has been counted, by a marker. */
  private readonly counted = new LRUCache<number, number>({ max: MAX_COUNTED });
  private readonly markerOf = makeMarker();

  /** @param perMinute so many may come from one address. */
  constructor(perMinute: number) {
    const refusal = 'Too many bad credentials from this address.';
    this.limit = new Limit({ name: 'bad-credentials', points: perMinute, seconds: SECONDS, refusal });
  }

  /** The error for who comes from that address; undefined when no more came from there than may. */
  refusal(address: string): LatchkeyError | undefined {
    return this.limit.refusalOf(networkOf(address));
  }

  /** Counts this pair, unless it was counted in the last minute. Resolves when that is done, whatever the outcome. */
  async count(address: string, { apiKey, apiSecret }: KeyPair): Promise<void> {
    const network = networkOf(address);
    const pair = this.markerOf(network, apiKey, apiSecret);
    const now = performance.now();
    if ((this.counted.get(pair) ?? 0) > now) return;
    this.counted.set(pair, now + SECONDS * 1000);
    await this.limit.count(network).catch(() => undefined);
  }
}
