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
  const texts = allowances.map(textsOf);
  response.header('RateLimit-Policy', texts.map(({ policy }) => policy).join(', '));
  response.header('RateLimit', texts.map(({ left }) => left).join(', '));
}

/** Many answers tell the same. */
const known = new WeakMap<Allowance, Texts>();

interface Texts {
  readonly policy: string;
  readonly left: string;
}

function textsOf(allowance: Allowance): Texts {
  let texts = known.get(allowance);
  if (!texts) {
    const { limit, left, reset } = allowance;
    const { requests, seconds } = limit;
    texts = { policy: `"${requests}";q=${requests};w=${seconds}`, left: `"${requests}";r=${left};t=${reset}` };
    known.set(allowance, texts);
  }
  return texts;
}

export function tellLimitReached(response: ResponseWithHeaders, { allowances, retryAfter }: LimitReached): void {
  tellAllowances(response, allowances);
  response.header('Retry-After', String(retryAfter));
}
