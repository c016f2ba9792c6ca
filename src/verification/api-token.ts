/** A token, `<api_key>:<api_secret>`, as it came in. */
export interface ApiToken {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** Where a token came from. */
export interface TokenSource {
  /** The IP address. Without it, no limit on bad credentials applies, and a secret with networks is refused. */
  readonly address?: string;
  readonly userAgent?: string;
}
