import { ApiExtraModels, ApiParam, ApiProperty, ApiSchema, getSchemaPath } from '@nestjs/swagger';
import type { KeyOwner } from '../api-keys/key-owners.service.js';
import type { KeySummary } from '../api-keys/key-summary.js';
import { MAX_LENGTH } from '../users/user-name.js';
import type { UserCount } from '../users/user-search.js';
import { LAST_USED_AT } from './api-keys.view.js';
import { pageOf } from './page.js';

const STATES: KeySummary['state'][] = ['live', 'expired', 'revoked'];

@ApiSchema({ name: 'KeySummary' })
class KeySummaryView implements KeySummary {
  @ApiProperty({ type: 'integer', description: 'How many of its secrets are live or retiring.', example: 1 })
  liveSecrets: number;

  @ApiProperty({ description: "Its user's for life.", example: 'lk_…' })
  apiKey: string;

  @ApiProperty({ ...LAST_USED_AT, description: 'When any of its secrets was last used; null for never.' })
  keyLastUsedAt: Date | null;

  @ApiProperty({ enum: STATES, description: 'Of the newest live secret, or of the newest one; like all that follows.' })
  state: KeySummary['state'];

  @ApiProperty({ type: String, nullable: true, description: 'The last four characters.', example: 'wxyz' })
  hint: string | null;

  @ApiProperty({ type: Date, nullable: true })
  secretCreatedAt: Date | null;

  @ApiProperty({ type: Date, nullable: true, description: 'When the first of the live secrets ends; null for never.' })
  expiresAt: Date | null;

  @ApiProperty(LAST_USED_AT)
  lastUsedAt: Date | null;
}

@ApiSchema({ name: 'User' })
@ApiExtraModels(KeySummaryView)
export class UserView {
  @ApiProperty({ description: 'Opaque, and never used again.', example: '00000000-0000-4000-8000-000000000000' })
  id: string;

  @ApiProperty({
    description: 'The e-mail in lower case; `Administrator` has a name alone.',
    maxLength: MAX_LENGTH,
    example: 'user@example.com',
  })
  name: string;

  @ApiProperty({ type: String, format: 'email', nullable: true, maxLength: MAX_LENGTH, example: 'user@example.com' })
  email: string | null;

  @ApiProperty({ minLength: 1, maxLength: MAX_LENGTH, example: 'A User' })
  fullName: string;

  @ApiProperty({ description: 'Who is disabled gets in nowhere.' })
  enabled: boolean;

  @ApiProperty({ type: [String], description: 'Sorted by name.', example: ['System Manager'] })
  roles: readonly string[];

  @ApiProperty()
  createdAt: Date;

  @ApiProperty()
  updatedAt: Date;

  @ApiProperty({
    oneOf: [{ $ref: getSchemaPath(KeySummaryView) }, { type: 'null' }],
    description: 'Null until there is one.',
  })
  key: KeySummaryView | null;
}

@ApiSchema({ name: 'UserCount' })
export class UserCountView implements UserCount {
  @ApiProperty({ type: 'integer', minimum: 0, example: 1 })
  count: number;

  @ApiProperty({ description: 'There may be more: counting has stopped.' })
  atLeast: boolean;
}

export const UserPage = pageOf('UserPage', UserView);

export function toUserView(user: KeyOwner): UserView {
  const { id, name, fullName, enabled, roles, createdAt, updatedAt, key } = user;
  const email = name.includes('@') ? name : null; // Administrator has none
  return { id, name, email, fullName, enabled, roles, createdAt, updatedAt, key: key && toKeySummaryView(key) };
}

function toKeySummaryView(key: KeySummary): KeySummaryView {
  const { apiKey, keyLastUsedAt, liveSecrets, state, hint, secretCreatedAt, expiresAt, lastUsedAt } = key;
  return { apiKey, keyLastUsedAt, liveSecrets, state, hint, secretCreatedAt, expiresAt, lastUsedAt };
}

/** Describes the path parameter of a user. */
export const UserName = () =>
  ApiParam({ name: 'name', description: 'The name of a user, in any letter case.', example: 'user@example.com' });
