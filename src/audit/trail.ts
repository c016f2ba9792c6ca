import type { EntityManager } from 'typeorm';
import { Logger } from '../nest-core.js';
import { channel } from 'node:diagnostics_channel';
import { keptAddress, keptAgent, keptRequestId } from '../users/kept-origin.js';
import { type Actor, actorName, credentialId, OPERATOR } from '../users/principal.js';
import type { RateLimit } from '../users/rate-limits.js';
import { type AuditRecord, canonicalJson, type ChainHead, hashOf } from './chain.js';
import type { AuditEvent } from './events.js';

/** What has happened, as a service says it. */
export interface AuditEntry {
  /** Whom or what it is about: the name of a user, a role or a scope. */
  readonly subject?: string;
  readonly apiKey?: string;
  readonly secretId?: string;
  /** Without anything secret. Of what was changed, `{before, after}` by field. */
  readonly details?: Readonly<Record<string, unknown>>;
}

type Unchained = Omit<AuditRecord, 'n' | 'at' | 'hash'>;

/** What a transaction has recorded so far. */
export interface Trail {
  readonly rows: Unchained[];
  /** Whether it has recorded anything, or said that there was nothing to record. */
  isComplete: boolean;
}

/** `details` may be as long as this, in bytes: it stands in a TEXT. */
const MAX_DETAILS = 60_000;
/** In one statement. */
const ROWS_AT_ONCE = 100;
/** Each with its value. By hand: TypeORM's insert takes as long as MySQL's. */
const COLUMNS: readonly (readonly [name: string, valueOf: (row: AuditRecord) => string | number | null])[] = [
  ['n', ({ n }) => n],
  ['at', ({ at }) => at.getTime()],
  ['event', ({ event }) => event],
  ['actor', ({ actor }) => actor],
  ['credential', ({ credential }) => credential],
  ['subject', ({ subject }) => subject],
  ['api_key', ({ apiKey }) => apiKey],
  ['secret_id', ({ secretId }) => secretId],
  ['address', ({ address }) => address],
  ['user_agent', ({ userAgent }) => userAgent],
  ['request_id', ({ requestId }) => requestId],
  ['details', ({ details }) => canonicalJson(details)],
  ['hash', ({ hash }) => hash],
];

/** The diagnostics channel (node:diagnostics_channel) that gets each row, as an `AuditRecord`, once it is committed. */
export const AUDIT = 'latchkey:audit';

const trails = new WeakMap<EntityManager, Trail>();
const published = channel(AUDIT);
const logger = new Logger('Audit');

/** At the start of a transaction. @returns what `record` collects. */
export function beginTrail(manager: EntityManager): Trail {
  const trail: Trail = { rows: [], isComplete: false };
  trails.set(manager, trail);
  return trail;
}

/** Has the transaction write a row of the audit trail, as the last of its statements. */
export function record(manager: EntityManager, actor: Actor, event: AuditEvent, entry: AuditEntry): void {
  const { subject = null, apiKey = null, secretId = null, details = {} } = entry;
  const { address, userAgent, requestId } = (actor === OPERATOR ? undefined : actor.origin) ?? {};
  const trail = trailOf(manager);
  trail.isComplete = true;
  trail.rows.push({
    event,
    actor: actorName(actor),
    credential: actor === OPERATOR ? null : credentialId(actor.credential),
    subject,
    apiKey,
    secretId,
    address: address ? storable(keptAddress(address)) : null,
    userAgent: userAgent ? storable(keptAgent(userAgent)) : null,
    requestId: requestId ? storable(keptRequestId(requestId)) : null,
    details: kept(details),
  });
}

/** The same for refusals that are alike, whose actor may be unknown. */
export function recordGathered(
  manager: EntityManager,
  { address, ...known }: Pick<Unchained, 'event' | 'actor' | 'subject' | 'credential' | 'apiKey' | 'address'>,
  details: { readonly count: number; readonly from: Date; readonly to: Date } & Partial<RateLimit>,
): void {
  const trail = trailOf(manager);
  trail.isComplete = true;
  const where = { address: address === null ? null : storable(keptAddress(address)), userAgent: null, requestId: null };
  trail.rows.push({ ...known, secretId: null, ...where, details: kept(details) });
}

/** Says that the transaction has found nothing to change. One that neither says so nor records anything fails. */
export function recordNothing(manager: EntityManager): void {
  trailOf(manager).isComplete = true;
}

/**
 * Writes the rows that a transaction has recorded.
 * @param head the end of the chain, which is locked until COMMIT.
 * @param now of the database's clock, and not before the row at the end of the chain.
 * @returns the rows as they are stored; the last one is the new end.
 */
export async function writeTrail(
  manager: EntityManager,
  { rows }: Trail,
  head: ChainHead,
  { now, recordAddresses }: { now: number; recordAddresses: boolean },
): Promise<AuditRecord[]> {
  let { n, hash } = head;
  const chained = rows.map((row) => {
    const origin = recordAddresses ? {} : { address: null, userAgent: null, requestId: null };
    const next = { ...row, ...origin, n: ++n, at: new Date(now) };
    hash = hashOf(hash, next);
    return { ...next, hash };
  });
  for (let i = 0; i < chained.length; i += ROWS_AT_ONCE) {
    const stored = chained.slice(i, i + ROWS_AT_ONCE);
    const places = stored.map(() => `(${COLUMNS.map(() => '?').join(', ')})`).join(', ');
    const sql = `INSERT INTO lk_audit (${COLUMNS.map(([column]) => column).join(', ')}) VALUES ${places}`;
    await manager.query(
      sql,
      stored.flatMap((row) => COLUMNS.map(([, valueOf]) => valueOf(row))),
    );
  }
  return chained;
}

/** After COMMIT: the line in the log, and the message for the host. */
export function announce(row: AuditRecord): void {
  const { n, at: _, hash: __, details, event, actor, ...rest } = row;
  const known = Object.entries(rest).filter(([, value]) => value !== null);
  logger.log({ event, n, actor, ...Object.fromEntries(known), details });
  published.publish(row);
}

function trailOf(manager: EntityManager): Trail {
  const trail = trails.get(manager);
  if (!trail) throw new Error('record is for transactions of Database.change.');
  return trail;
}

/** Without what a database stores as something else or cuts off, since the hash is of what is stored. */
function storable(text: string): string {
  return text.replace(/[\0\p{Cs}]/gu, '\ufffd'); // NUL, and half of a surrogate pair
}

/** As JSON has it: without what is undefined, and with times as texts. */
function kept(details: object): Record<string, unknown> {
  const text = canonicalJson(details);
  const bytes = Buffer.byteLength(text);
  return bytes <= MAX_DETAILS ? (JSON.parse(text) as Record<string, unknown>) : { omitted: `${bytes} bytes` };
}
