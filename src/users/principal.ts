import type { RateLimit } from './rate-limits.js';

/** The role that generates keys and manages users. */
export const SYSTEM_MANAGER = 'System Manager';

/** The proof of a caller. Its ids are not secret: they are shown and logged. */
export type Credential =
  | {
      readonly type: 'api-key';
      readonly apiKey: string;
      readonly secretId: string;
      readonly secretName: string;
      /** What the secret may do; null for all that the user may. */
      readonly scopes: readonly string[] | null;
      /** How often it may be used; null for no limit. */
      readonly limits: readonly RateLimit[] | null;
    }
  | { readonly type: 'session'; readonly sessionId: string; readonly scopes: null };

/** A caller who was proved. */
export interface Principal {
  readonly name: string;
  readonly fullName: string;
  readonly roles: readonly string[];
  readonly credential: Credential;
}

/** The actor of code that acts without a caller: the command line, a host's own job. Recorded as `command`. */
export const OPERATOR = Symbol('OPERATOR');

/** Where a request came from, for the audit trail. */
export interface Origin {
  readonly address: string;
  readonly requestId: string;
  readonly userAgent?: string | undefined;
}

/** Whoever acts. */
export type Actor = (Principal & { readonly origin?: Origin }) | typeof OPERATOR;

/**
 * The same for an unknown key, a wrong, revoked or expired secret, and a disabled user: it tells nothing of what is
 * stored.
 */
export const BAD_CREDENTIALS = 'The API key or the API secret is not valid.';
/** The same for a session, however it ended. */
export const SESSION_ENDED = 'The session of this cookie has ended. Log in again.';

/** True for a caller with an API key, who has no session. */
export function isByToken(actor: Actor | undefined): boolean {
  return actor !== undefined && actor !== OPERATOR && actor.credential.type === 'api-key';
}

/** The name that is recorded for an actor. */
export function actorName(actor: Actor): string {
  return actor === OPERATOR ? 'command' : actor.name;
}

/** The id of the secret or the session. */
export function credentialId(credential: Credential): string {
  return credential.type === 'session' ? credential.sessionId : credential.secretId;
}
