/** Everything that the audit trail can say. */
export const AUDIT_EVENTS = [
  'user.created',
  'user.renamed',
  'user.disabled',
  'user.enabled',
  'user.deleted',
  'roles.changed',
  'role.created',
  'role.deleted',
  'secret.generated',
  'secret.rotated',
  'secret.changed',
  'secret.revoked',
  'scope.created',
  'scope.changed',
  'scope.deleted',
  'password.changed',
  'session.opened',
  'session.refused',
  'session.ended',
  'secret.refused_address',
  'limit.reached',
  'audit.purged',
] as const;

export type AuditEvent = (typeof AUDIT_EVENTS)[number];
