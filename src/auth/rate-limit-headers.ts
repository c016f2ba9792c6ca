import type { Principal } from '../users/principal.js';
import type { Allowance, LimitReached } from '../verification/shares.js';

/** The part of a response that is written here; the same on Express and Fastify. */
export interface ResponseWithHeaders {
  header(name: string, value: string): unknown;
}

/** Whether a guard has proved a secret that has limits; the principal of another strategy (a host's JWT) has none of ours. */
export function isLimited(principal: unknown): principal is Principal {
  const { credential } = (principal ?? {}) as { credential?: { limits?: unknown } };
  return Boolean(credential?.limits);
}

/**
 * RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-11). A policy is named by its number of requests: no
 * two limits of a secret have the same.
 */
export function tellAllowances(response: ResponseWithHeaders, allowances: readonly Allowance[]): void {
  const policies = allowances.map(({ limit: { requests, seconds } }) => `"${requests}";q=${requests};w=${seconds}`);
  const left = allowances.map(({ limit: { requests }, left: r, reset }) => `"${requests}";r=${r};t=${reset}`);
  response.header('RateLimit-Policy', policies.join(', '));
  response.header('RateLimit', left.join(', '));
}

export function tellLimitReached(response: ResponseWithHeaders, { allowances, retryAfter }: LimitReached): void {
  tellAllowances(response, allowances);
  response.header('Retry-After', String(retryAfter));
}
