import { channel } from 'node:diagnostics_channel';
import { Rejected } from '../database/bulkhead.js';
import { LatchkeyError } from '../latchkey.error.js';
import type { Clock, Instant } from '../revocation/instant.js';
import type { Principal } from '../users/principal.js';

/** The diagnostics channel (node:diagnostics_channel) that gets each verification that memory could not decide. */
export const VERIFICATIONS = 'latchkey:verification';

export interface Verification {
  /**
   * `accepted`: the secret is right, also where it was refused by its networks. `failed`: no answer of the database.
   * `rejected`: too many unknown callers. `limited`: too many bad ones from there.
   */
  readonly outcome: 'accepted' | 'refused' | 'failed' | 'rejected' | 'limited';
  readonly seconds: number;
}

/** The diagnostics channel that gets each request whose secret is right, and which was refused all the same. */
export const REFUSALS = 'latchkey:refusal';

/** `address`: its networks leave out where it came from. `scope`: its scopes do not open that route. `limit`: it came too often. */
export interface Refusal {
  readonly reason: 'address' | 'scope' | 'limit';
}

const verifications = channel(VERIFICATIONS);
const refusals = channel(REFUSALS);

export function publishRefusal(reason: Refusal['reason']): void {
  if (refusals.hasSubscribers) refusals.publish({ reason } satisfies Refusal);
}

/** Publishes how `verification` ends, and how long after `arrived`. @returns the principal, or null. */
export async function publishOutcome(
  verification: Promise<Principal | null>,
  arrived: Instant,
  clock: Clock,
): Promise<Principal | null> {
  let outcome: Verification['outcome'] = 'failed';
  try {
    const principal = await verification;
    outcome = principal ? 'accepted' : 'refused';
    return principal;
  } catch (error) {
    if (error instanceof LatchkeyError && error.code === 'too_many_requests') outcome = 'limited';
    if (error instanceof LatchkeyError && error.code === 'address_not_allowed') outcome = 'accepted';
    if (error instanceof Rejected) outcome = 'rejected';
    throw error;
  } finally {
    if (verifications.hasSubscribers) {
      const seconds = (clock.now().monotonic - arrived.monotonic) / 1000;
      verifications.publish({ outcome, seconds } satisfies Verification);
    }
  }
}
