import type { GatheredRefusals } from '../audit/gathered-refusals.js';
import { LatchkeyError } from '../latchkey.error.js';
import type { Principal } from '../users/principal.js';
import { shown } from '../users/user-name.js';
import type { TokenSource } from './api-token.js';
import { publishRefusal } from './verification-events.js';

/**
 * Refuses a secret that is right, and not good from where it came.
 * @returns the error for the caller, who has proved itself: so it is told which address was seen.
 */
export function refuseAddress(
  { name, credential }: Principal,
  { address }: TokenSource,
  refusals: GatheredRefusals | undefined,
): LatchkeyError {
  const { apiKey, secretId } = credential.type === 'api-key' ? credential : { apiKey: null, secretId: null };
  refusals?.add({
    event: 'secret.refused_address',
    actor: name,
    subject: name,
    credential: secretId,
    apiKey,
    address: address ?? null,
  });
  publishRefusal('address');
  const from = address === undefined ? 'This request has no address' : `This request came from ${shown(address)}`;
  return new LatchkeyError('address_not_allowed', `${from}, and the secret is not good from there.`);
}
