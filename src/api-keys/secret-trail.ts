import type { EntityManager } from 'typeorm';
import { record, recordNothing } from '../audit/trail.js';
import type { Actor } from '../users/principal.js';
import type { ApiSecret } from './api-secret.entity.js';
import type { EndedSecret } from './rotation.js';

/** What the audit trail tells of a secret. */
const FIELDS = ['name', 'scopes', 'allowedNetworks', 'expiresAt', 'limits', 'retiresAt'] as const;
type Told = Pick<ApiSecret, 'id' | 'apiKey' | 'replaces' | Exclude<(typeof FIELDS)[number], 'retiresAt'>>;

/** Records a new secret, and the end of those whose place it takes. */
export function recordNew(
  manager: EntityManager,
  actor: Actor,
  subject: string,
  { id: secretId, apiKey, name, scopes, allowedNetworks, expiresAt, limits, replaces }: Told,
  ended: readonly EndedSecret[],
): void {
  const details = { name, scopes, allowedNetworks, expiresAt, limits, replaces };
  const event = replaces === null ? 'secret.generated' : 'secret.rotated';
  record(manager, actor, event, { subject, apiKey, secretId, details });
  for (const { secret, retiresAt } of ended) {
    if (retiresAt) {
      recordChange(manager, actor, subject, secret, { ...secret, expiresAt: retiresAt, retiresAt }, secretId);
    } else {
      const why = { name: secret.name, replacedBy: secretId };
      record(manager, actor, 'secret.revoked', { subject, apiKey, secretId: secret.id, details: why });
    }
  }
}

/** Records what is different. */
export function recordChange(
  manager: EntityManager,
  actor: Actor,
  subject: string,
  before: ApiSecret,
  after: ApiSecret,
  replacedBy?: string,
): void {
  const changed = FIELDS.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  const fields = changed.map((field) => [field, { before: before[field], after: after[field] }]);
  const { apiKey, id: secretId } = before;
  const details = { ...Object.fromEntries(fields), replacedBy };
  if (changed.length === 0) recordNothing(manager);
  else record(manager, actor, 'secret.changed', { subject, apiKey, secretId, details });
}
