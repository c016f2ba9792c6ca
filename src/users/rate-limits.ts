import type { ValueTransformer } from 'typeorm';
import { invalid } from '../latchkey.error.js';

/** So many requests in each window of so many seconds; windows begin at multiples of their length since 1970. */
export interface RateLimit {
  readonly requests: number;
  readonly seconds: number;
}

export const MAX_LIMITS = 4;
export const MAX_REQUESTS = 1_000_000_000;
/** 31 days. */
export const MAX_SECONDS = 2_678_400;

/** They are stored as JSON. */
export const rateLimits = {
  to: (value: readonly RateLimit[] | null | undefined): string | null | undefined =>
    value == null ? value : JSON.stringify(value),
  from: parseLimits,
} satisfies ValueTransformer;

/** What such a column holds. */
export function parseLimits(value: string | null | undefined): RateLimit[] | null {
  return value == null ? null : (JSON.parse(value) as RateLimit[]);
}

/**
 * @returns the limits, the shortest window first.
 * @throws LatchkeyError `validation_failed` on `limits`.
 */
export function checkLimits(limits: readonly RateLimit[]): RateLimit[] {
  if (limits.length === 0 || limits.length > MAX_LIMITS) {
    const message = `A secret has 1 to ${MAX_LIMITS} limits; null is for none.`;
    throw invalid('limits', limits.length === 0 ? 'none' : 'too_many', message);
  }
  for (const limit of limits) {
    if (isRateLimit(limit)) continue;
    const message = `A limit is 1 to ${MAX_REQUESTS} requests in 1 to ${MAX_SECONDS} seconds (31 days), as in {"requests": 100, "seconds": 60}.`;
    throw invalid('limits', 'bad_limit', message);
  }
  const sorted = limits
    .map(({ requests, seconds }) => ({ requests, seconds }))
    .toSorted((a, b) => a.seconds - b.seconds);
  const useless = sorted.find((limit, i) => i > 0 && limit.requests <= sorted[i - 1]!.requests);
  if (useless) {
    const message = `A longer window needs more requests than a shorter one: ${useless.requests} in ${useless.seconds} seconds leave another limit without effect.`;
    throw invalid('limits', 'no_effect', message);
  }
  if (sorted.some((limit, i) => limit.seconds === sorted[i - 1]?.seconds)) {
    throw invalid('limits', 'twice', 'Two limits have the same window.');
  }
  return sorted;
}

function isRateLimit(value: unknown): boolean {
  const { requests, seconds, ...unknown } = (value ?? {}) as Partial<RateLimit>;
  return isWhole(requests, MAX_REQUESTS) && isWhole(seconds, MAX_SECONDS) && Object.keys(unknown).length === 0;
}

function isWhole(value: unknown, most: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most;
}
