import { createHash } from 'node:crypto';
import type { AuditEvent } from './events.js';

/** A row of the audit trail, as everybody sees it. */
export interface AuditRecord {
  /** In the order of the commits, without a gap. */
  readonly n: number;
  readonly at: Date;
  readonly event: AuditEvent;
  /** A user's name; `command` for the command line, the app itself and what the server does by itself. */
  readonly actor: string;
  /** The id of the secret or session by which the actor acted. */
  readonly credential: string | null;
  /** Whom or what it is about: the name of a user, a role or a scope. */
  readonly subject: string | null;
  readonly apiKey: string | null;
  readonly secretId: string | null;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly hash: string;
}

/** The end of the chain; of an empty one, what the first row goes on from. */
export interface ChainHead {
  readonly n: number;
  readonly hash: string;
}

export const START_OF_CHAIN: ChainHead = { n: 0, hash: '0'.repeat(64) };

/** SHA-256, in hex, of the hash before it, a line feed, and the row in canonical JSON without its own hash. */
export function hashOf(before: string, row: Omit<AuditRecord, 'hash'>): string {
  const { n, at, event, actor, credential, subject, apiKey, secretId, address, userAgent, requestId, details } = row;
  const fields = { n, at, event, actor, credential, subject, apiKey, secretId, address, userAgent, requestId, details };
  return createHash('sha256')
    .update(`${before}\n${canonicalJson(fields)}`)
    .digest('hex');
}

/** JSON without blanks whose objects have their names sorted by UTF-16 (RFC 8785); for values that `JSON.stringify` knows. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
