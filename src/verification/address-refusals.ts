import { Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { LatchkeyError } from '../latchkey.error.js';
import type { Principal } from '../users/principal.js';
import { shown } from '../users/user-name.js';
import type { TokenSource } from './api-token.js';
import { publishRefusal } from './verification-events.js';

const HOUR_MS = 60 * 60_000;
/** Of so many secrets and addresses it is known that their line was written. */
const MAX_NOTED = 10_000;

/** Refuses secrets that are right, and not good from where they came. Each secret and address has one line an hour in the log. */
export class AddressRefusals {
  private readonly logger = new Logger('Verifier');
  private noted?: LRUCache<string, true>;

  /** @returns the error for the caller, who has proved itself: so it is told which address was seen. */
  refuse({ name, credential }: Principal, { address }: TokenSource): LatchkeyError {
    const secretId = credential.type === 'api-key' ? credential.secretId : '';
    this.noted ??= new LRUCache({ max: MAX_NOTED, ttl: HOUR_MS });
    const seen = `${secretId} ${address}`;
    if (!this.noted.has(seen)) {
      this.noted.set(seen, true);
      this.logger.log({ event: 'api_secret.refused_address', subject: name, secretId, address });
    }
    publishRefusal('address');
    const from = address === undefined ? 'This request has no address' : `This request came from ${shown(address)}`;
    return new LatchkeyError('address_not_allowed', `${from}, and the secret is not good from there.`);
  }
}
