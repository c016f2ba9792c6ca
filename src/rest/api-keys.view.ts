import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { ApiKeyRecord, SecretRecord } from '../api-keys/api-key-rows.js';
import type { GeneratedKey } from '../api-keys/api-keys.service.js';
import { pageOf } from './page.js';

export const LAST_USED_AT = { type: Date, nullable: true, description: 'Written within 30 s; null for never.' };

@ApiSchema({ name: 'Secret' })
class SecretView implements SecretRecord {
  @ApiProperty({ description: 'Opaque.', example: '00000000-0000-4000-8000-000000000000' })
  id: string;

  @ApiProperty({ description: 'The last four characters.', example: 'wxyz' })
  hint: string;

  @ApiProperty()
  createdAt: Date;

  @ApiProperty({ description: 'The name of a user, or `command`.', example: 'Administrator' })
  createdBy: string;

  @ApiProperty({ type: Date, nullable: true, description: 'Null for never.' })
  expiresAt: Date | null;

  @ApiProperty({ type: Date, nullable: true })
  revokedAt: Date | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The name of a user, or `command`; null also when a newer secret has replaced it.',
    example: 'Administrator',
  })
  revokedBy: string | null;

  @ApiProperty(LAST_USED_AT)
  lastUsedAt: Date | null;
}

@ApiSchema({ name: 'ApiKey' })
export class ApiKeyView {
  @ApiProperty({ description: "Its user's for life.", example: 'lk_…' })
  apiKey: string;

  @ApiProperty({ example: 'user@example.com' })
  user: string;

  @ApiProperty()
  createdAt: Date;

  @ApiProperty({ description: 'The name of a user, or `command`.', example: 'Administrator' })
  createdBy: string;

  @ApiProperty(LAST_USED_AT)
  lastUsedAt: Date | null;

  @ApiProperty({ type: [SecretView], description: 'Newest first; of the revoked ones the last few.' })
  secrets: readonly SecretView[];
}

export const ApiKeyPage = pageOf('ApiKeyPage', ApiKeyView);

@ApiSchema({ name: 'GeneratedKey' })
export class GeneratedKeyView {
  @ApiProperty({ description: "Its user's for life.", example: 'lk_…' })
  apiKey: string;

  @ApiProperty({ description: 'Shown here, and never again.', example: 'lks_…' })
  apiSecret: string;

  @ApiProperty({ example: 'user@example.com' })
  user: string;

  @ApiProperty({ description: 'Opaque.', example: '00000000-0000-4000-8000-000000000000' })
  secretId: string;

  @ApiProperty({ description: 'The last four characters of the secret.', example: 'wxyz' })
  hint: string;

  @ApiProperty()
  createdAt: Date;

  @ApiProperty({ example: 'Administrator' })
  createdBy: string;

  @ApiProperty({ type: Date, nullable: true, description: 'Null for never.' })
  expiresAt: Date | null;
}

export function toApiKeyView({ apiKey, user, createdAt, createdBy, lastUsedAt, secrets }: ApiKeyRecord): ApiKeyView {
  return { apiKey, user, createdAt, createdBy, lastUsedAt, secrets };
}

export function toGeneratedView(key: GeneratedKey): GeneratedKeyView {
  const { apiKey, apiSecret, user, secretId, hint, createdAt, createdBy, expiresAt } = key;
  return { apiKey, apiSecret, user, secretId, hint, createdAt, createdBy, expiresAt };
}
