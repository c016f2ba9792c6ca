import { ApiProperty, type ApiPropertyOptions, ApiSchema } from '@nestjs/swagger';
import type { ApiKeyRecord, SecretRecord, SecretState, UsedFrom } from '../api-keys/api-key-rows.js';
import type { ReplacedSecret } from '../api-keys/rotation.js';
import { STATES } from '../api-keys/secret-search.js';
import type { GeneratedKey, OwnedSecret } from '../api-keys/api-keys.service.js';
import type { RateLimit } from '../users/rate-limits.js';
import { pageOf } from './page.js';
import { RateLimitView } from './rate-limit.view.js';

export const LAST_USED_AT = { type: Date, nullable: true, description: 'Written within 30 s; null for never.' };

@ApiSchema({ name: 'UsedFrom' })
class UsedFromView implements UsedFrom {
  @ApiProperty({ example: '192.0.2.7' })
  address: string;

  @ApiProperty({ type: String, nullable: true, description: 'The start of the `User-Agent`.', example: 'curl/8.14.1' })
  userAgent: string | null;
}

const LAST_USED_FROM = {
  type: UsedFromView,
  nullable: true,
  description: 'Null for never, and where addresses are not recorded.',
};
const SCOPES: ApiPropertyOptions = {
  type: [String],
  nullable: true,
  description: 'Null for all that the user may.',
  example: ['reports:read'],
};
const NETWORKS: ApiPropertyOptions = {
  type: [String],
  nullable: true,
  description: 'From where it is good; null for anywhere.',
  example: ['192.0.2.0/24'],
};

const LIMITS: ApiPropertyOptions = {
  type: [RateLimitView],
  nullable: true,
  description: 'How often it may be used; null for no limit.',
};

@ApiSchema({ name: 'Secret' })
export class SecretView implements SecretRecord {
  @ApiProperty({ description: 'Opaque.', example: '00000000-0000-4000-8000-000000000000' })
  id: string;

  @ApiProperty({ description: 'What it is for.', example: 'default' })
  name: string;

  @ApiProperty({ description: 'The last four characters.', example: 'wxyz' })
  hint: string;

  @ApiProperty({ enum: STATES, description: '`retiring`: replaced, and good until `expiresAt`.' })
  state: SecretState;

  @ApiProperty(SCOPES)
  scopes: readonly string[] | null;

  @ApiProperty(NETWORKS)
  allowedNetworks: readonly string[] | null;

  @ApiProperty(LIMITS)
  limits: readonly RateLimit[] | null;

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

  @ApiProperty(LAST_USED_FROM)
  lastUsedFrom: UsedFromView | null;

  @ApiProperty({ type: String, nullable: true, description: 'The id of the secret whose place it took.' })
  replaces: string | null;
}

@ApiSchema({ name: 'OwnedSecret' })
class OwnedSecretView extends SecretView implements OwnedSecret {
  @ApiProperty({ example: 'lk_…' })
  apiKey: string;

  @ApiProperty({ example: 'user@example.com' })
  user: string;
}

export const OwnedSecretPage = pageOf('OwnedSecretPage', OwnedSecretView);

@ApiSchema({ name: 'ReplacedSecret' })
class ReplacedSecretView implements ReplacedSecret {
  @ApiProperty({ example: '00000000-0000-4000-8000-000000000000' })
  id: string;

  @ApiProperty({ example: 'wxyz' })
  hint: string;

  @ApiProperty({ description: 'When it ends; with an overlap, in the future.' })
  expiresAt: Date;

  @ApiProperty(LAST_USED_AT)
  lastUsedAt: Date | null;

  @ApiProperty(LAST_USED_FROM)
  lastUsedFrom: UsedFromView | null;
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

  @ApiProperty({ type: [SecretView], description: 'Newest first; of the dead ones the last few.' })
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

  @ApiProperty({ description: 'What the secret is for.', example: 'default' })
  name: string;

  @ApiProperty({ description: 'The last four characters of the secret.', example: 'wxyz' })
  hint: string;

  @ApiProperty(SCOPES)
  scopes: readonly string[] | null;

  @ApiProperty(NETWORKS)
  allowedNetworks: readonly string[] | null;

  @ApiProperty(LIMITS)
  limits: readonly RateLimit[] | null;

  @ApiProperty()
  createdAt: Date;

  @ApiProperty({ example: 'Administrator' })
  createdBy: string;

  @ApiProperty({ type: Date, nullable: true, description: 'Null for never.' })
  expiresAt: Date | null;

  @ApiProperty({ type: ReplacedSecretView, nullable: true, description: 'The secret whose place it took.' })
  replaced: ReplacedSecretView | null;

  @ApiProperty({
    type: [String],
    description: 'Other names of the key that have a live secret. Nothing has happened to those.',
    example: ['ci'],
  })
  otherNames: readonly string[];
}

export function toApiKeyView({ apiKey, user, createdAt, createdBy, lastUsedAt, secrets }: ApiKeyRecord): ApiKeyView {
  return { apiKey, user, createdAt, createdBy, lastUsedAt, secrets };
}

export function toGeneratedView(key: GeneratedKey): GeneratedKeyView {
  const { revision: _, ...view } = key;
  return view;
}

export function toOwnedSecretView(secret: OwnedSecret): OwnedSecretView {
  return secret;
}
