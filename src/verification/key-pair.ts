/** The two halves of a token, as they came in. */
export interface KeyPair {
  readonly apiKey: string;
  readonly apiSecret: string;
}
