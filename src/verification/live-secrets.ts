import { DUMMY, hasDigest, type StoredDigest } from '../api-keys/api-secret.js';
import type { Networks } from '../users/networks.js';
import type { Principal } from '../users/principal.js';

/** A secret that was not revoked when it was read, and whom it proves. `find` looks at its expiry. */
export interface LiveSecret extends StoredDigest {
  /** Milliseconds since 1970. */
  readonly expiresAt: number | null;
  readonly secretId: string;
  /** From where it is good; null for anywhere. */
  readonly networks: Networks | null;
  readonly principal: Principal;
}

/** The secrets of one key. To find one takes as long among twenty as among one, and as long where there is none. */
export class LiveSecrets {
  static readonly none = new LiveSecrets([]);
  private readonly byDigest: ReadonlyMap<string, LiveSecret>;

  constructor(secrets: readonly LiveSecret[]) {
    this.byDigest = new Map(secrets.map((secret) => [secret.digest, secret]));
  }

  get size(): number {
    return this.byDigest.size;
  }

  /** The secret with that digest; undefined when there is none, or when it has expired. */
  find(digest: string): LiveSecret | undefined {
    const secret = this.byDigest.get(digest);
    if (!hasDigest(secret ?? DUMMY, digest)) return undefined;
    return secret!.expiresAt === null || secret!.expiresAt > Date.now() ? secret : undefined;
  }
}
