/** Nest's injection token of the options. */
export const VERIFIER_OPTIONS = Symbol('VERIFIER_OPTIONS');

export interface VerifierOptions {
  /** API keys that a process caches; 0: none, and each request is a query. Default 100,000, about 1 KiB each. */
  readonly maxCachedKeys?: number;
  /**
   * Different bad credentials from one network (an IPv4 address, or a /64 of IPv6) in a minute. Past that, its unknown callers are read together, a few
   * times a second; 0: no limit. Default 100.
   */
  readonly badCredentialsPerMinute?: number;
  /** Keep from which address and with which `User-Agent` a secret was last used. Default true. */
  readonly recordAddresses?: boolean;
  /** Hold secrets to their limits; false for an app that does it by itself. Default true. */
  readonly limits?: boolean;
}
