import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { AuditRecord } from '../audit/chain.js';
import { AUDIT_EVENTS, type AuditEvent } from '../audit/events.js';
import { pageOf } from './page.js';

const text = (description: string, example: string) =>
  ApiProperty({ type: String, nullable: true, description, example });

@ApiSchema({ name: 'AuditRecord' })
export class AuditRecordView implements AuditRecord {
  @ApiProperty({
    type: 'integer',
    minimum: 1,
    description: 'In the order of the commits, without a gap.',
    example: 4711,
  })
  n: number;

  @ApiProperty({ description: "By the database's clock; never before that of the row before." })
  at: Date;

  @ApiProperty({ enum: AUDIT_EVENTS, enumName: 'AuditEvent', example: 'secret.generated' })
  event: AuditEvent;

  @ApiProperty({
    description: 'Who did it: the name of a user, `command`, or `Guest` for who has not proved to be somebody.',
    example: 'Administrator',
  })
  actor: string;

  @text('The id of the secret or session by which the actor acted.', '00000000-0000-4000-8000-000000000000')
  credential: string | null;

  @text('Whom or what it is about: the name of a user, a role or a scope.', 'user@example.com')
  subject: string | null;

  @text('The API key that it is about.', 'lk_…')
  apiKey: string | null;

  @text('The secret that it is about.', '00000000-0000-4000-8000-000000000000')
  secretId: string | null;

  @text('From where; null with `RECORD_ADDRESSES=off`, and for `command`.', '192.0.2.1')
  address: string | null;

  @text('The beginning of the `User-Agent`.', 'curl/8.14.1')
  userAgent: string | null;

  @text('The `X-Request-Id` of the answer.', '00000000-0000-4000-8000-000000000000')
  requestId: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'What was changed: `{before, after}` of each field; or what was made. It depends on the event.',
    example: { fullName: { before: 'A User', after: 'Another User' } },
  })
  details: Readonly<Record<string, unknown>>;

  @ApiProperty({
    pattern: '^[0-9a-f]{64}$',
    description:
      'SHA-256 of the hash before it, a line feed, and this row without `hash` in canonical JSON (RFC 8785).',
    example: '0'.repeat(64),
  })
  hash: string;
}

export class AuditPage extends pageOf('AuditPage', AuditRecordView) {}

export function toAuditView(record: AuditRecord): AuditRecordView {
  const { n, at, event, actor, credential, subject, apiKey, secretId, ...rest } = record;
  const { address, userAgent, requestId, details, hash } = rest;
  const about = { subject, apiKey, secretId };
  return { n, at, event, actor, credential, ...about, address, userAgent, requestId, details, hash };
}
