import { LRUCache } from 'lru-cache';
import { makeMarker } from '../api-keys/api-secret.js';
import type { LatchkeyError } from '../latchkey.error.js';
import { Limit, networkOf } from '../limits/limit.js';
import type { ApiToken } from './api-token.js';

const SECONDS = 60;
/** How many counted tokens are kept, about 100 bytes each. One that is evicted is counted again. */
const MAX_COUNTED = 100_000;

/**
 * Counts the different bad credentials that come from each network (an IPv4 address, or a /64 of IPv6). A client that
 * repeats a dead token is not guessing, and others behind its address have done nothing wrong.
 */
export class BadCredentials {
  private readonly limit: Limit;
  /** By marker of network and token: the moment (of performance.now()) from which on the token is counted again. */
  private readonly counted = new LRUCache<number, number>({ max: MAX_COUNTED });
  private readonly markerOf = makeMarker();

  /** @param perMinute how many may come from one network. */
  constructor(perMinute: number) {
    const refusal = 'Too many bad credentials from this address.';
    this.limit = new Limit({ name: 'bad-credentials', points: perMinute, seconds: SECONDS, refusal });
  }

  /** The error for unknown callers from that address; undefined below the limit. */
  errorFor(address: string): LatchkeyError | undefined {
    return this.limit.refusalOf(networkOf(address));
  }

  /** Counts this token, unless it was counted in the last minute. Never rejects. */
  async count(address: string, { apiKey, apiSecret }: ApiToken): Promise<void> {
    const network = networkOf(address);
    const marker = this.markerOf(network, apiKey, apiSecret);
    const now = performance.now();
    if ((this.counted.get(marker) ?? 0) > now) return;
    this.counted.set(marker, now + SECONDS * 1000);
    await this.limit.count(network).catch(() => undefined);
  }
}
