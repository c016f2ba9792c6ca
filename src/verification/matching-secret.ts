import { DUMMY, hasDigest, type StoredDigest } from '../api-keys/api-secret.js';
import type { Principal } from '../users/principal.js';

/** A secret that was not revoked when it was read, and whom it proves. `matchingSecret` looks at its expiry. */
export interface LiveSecret extends StoredDigest {
  /** Milliseconds since 1970. */
  readonly expiresAt: number | null;
  readonly secretId: string;
  readonly principal: Principal;
}

const DUMMY_PRINCIPAL: Principal = {
  name: '',
  fullName: '',
  roles: [],
  credential: { type: 'api-key', apiKey: '', secretId: '' },
};
/** What the secret of an unknown key is compared with, so that it costs the same. No secret has the digest of DUMMY. */
const OF_NOBODY: readonly LiveSecret[] = [{ ...DUMMY, expiresAt: null, secretId: '', principal: DUMMY_PRINCIPAL }];

/** The secret with that digest; undefined when there is none, or when it has expired. */
export function matchingSecret(secrets: readonly LiveSecret[], digest: string): LiveSecret | undefined {
  for (const secret of secrets.length === 0 ? OF_NOBODY : secrets) {
    if (hasDigest(secret, digest) && (secret.expiresAt === null || secret.expiresAt > Date.now())) return secret;
  }
  return undefined;
}
