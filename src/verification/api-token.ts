/** A token, `<api_key>:<api_secret>`, as it came in. */
export interface ApiToken {
  readonly apiKey: string;
  readonly apiSecret: string;
}
