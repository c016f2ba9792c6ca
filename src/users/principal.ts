import type { Logger } from '@nestjs/common';

/** The role that generates keys and manages users. */
export const SYSTEM_MANAGER = 'System Manager';

/** What has proved a caller. Its ids are no secrets: they are shown and logged. */
export type Credential =
  | { readonly type: 'api-key'; readonly apiKey: string; readonly secretId: string }
  | { readonly type: 'session'; readonly sessionId: string };

/** A caller, once proved. */
export interface Principal {
  readonly name: string;
  readonly fullName: string;
  readonly roles: readonly string[];
  readonly credential: Credential;
}

/** The actor of code that acts without a caller: the command line, a host's own job. Recorded as `command`. */
export const OPERATOR = Symbol('OPERATOR');

/** Who acts. `origin` is where the request came from, for the audit line. */
export type Actor = (Principal & { readonly origin?: { address: string; requestId: string } }) | typeof OPERATOR;

/** The same for an unknown key, a wrong secret, a revoked or expired one, a disabled user: nothing of what is stored. */
export const BAD_CREDENTIALS = 'The API key or the API secret is not valid.';
/** The same for a session, however it ended. */
export const SESSION_ENDED = 'The session of this cookie has ended. Log in again.';

/** True for who has proved it by an API key, and so has no session. */
export function isByToken(actor: Actor | undefined): boolean {
  return actor !== undefined && actor !== OPERATOR && actor.credential.type === 'api-key';
}

/** What is recorded as the one who did it. */
export function actorName(actor: Actor): string {
  return actor === OPERATOR ? 'command' : actor.name;
}

/** Writes the one line that every change leaves: who, by which credential, to whom, from where. */
export function audit(logger: Logger, actor: Actor, event: string, subject: string, details: object = {}): void {
  const by = actor === OPERATOR ? {} : { credential: credentialId(actor.credential), ...actor.origin };
  logger.log({ event, actor: actorName(actor), subject, ...by, ...details });
}

function credentialId(credential: Credential): string {
  return credential.type === 'session' ? credential.sessionId : credential.secretId;
}
