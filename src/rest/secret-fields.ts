import { ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsString } from 'class-validator';
import type { SecretState } from '../api-keys/api-key-rows.js';
import { parseExpiry } from '../api-keys/expiry.js';
import {
  checkName,
  MAX_NETWORKS,
  MAX_OVERLAP,
  MAX_SCOPES,
  MIN_OVERLAP,
  type SecretOptions,
} from '../api-keys/secret-options.js';
import { type SecretFilters, STATES } from '../api-keys/secret-search.js';
import { checkLimits, MAX_LIMITS, type RateLimit } from '../users/rate-limits.js';
import { PageQuery } from './page.js';
import { RateLimitView } from './rate-limit.view.js';
import { AcceptedBy, CheckedBy, Nullable, Optional } from './validation.js';

/** The same fields are those of a change, which keeps what is absent. */
const INHERITED = 'When absent: of a new secret, as the last one of that name; in a change, as it is.';

/** What a secret may. */
export class SecretFields {
  @Optional()
  @CheckedBy('bad_name', checkName)
  @ApiPropertyOptional({
    minLength: 1,
    maxLength: 60,
    description: 'When absent: of a new secret `default`; in a change, as it is.',
    example: 'ci',
  })
  name?: string;

  @Nullable()
  @IsArray()
  @ArrayMaxSize(MAX_SCOPES)
  @IsString({ each: true })
  @ApiPropertyOptional({
    type: [String],
    nullable: true,
    maxItems: MAX_SCOPES,
    description: `Null for all that the user may; an empty list opens nothing. ${INHERITED}`,
    example: ['keys:read'],
  })
  scopes?: string[] | null;

  @Nullable()
  @IsArray()
  @ArrayMaxSize(MAX_NETWORKS)
  @IsString({ each: true })
  @ApiPropertyOptional({
    type: [String],
    nullable: true,
    minItems: 1,
    maxItems: MAX_NETWORKS,
    description: `From where it is good, as CIDRs or addresses; null for anywhere. ${INHERITED}`,
    example: ['0.0.0.0/0', '::/0'],
  })
  allowedNetworks?: string[] | null;

  @Nullable()
  @CheckedBy('not_a_time', parseExpiry)
  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    nullable: true,
    description: `In the future; null for never. ${INHERITED} What is inherited is how long it lives.`,
    example: '2099-01-31T00:00:00Z',
  })
  expiresAt?: string | null;

  @Nullable()
  @IsArray()
  @ArrayMaxSize(MAX_LIMITS)
  // As it was sent: class-transformer leaves out members such as `constructor`, which are refused like any other.
  @Transform(({ obj }: { obj: SecretFields }) => obj.limits)
  @AcceptedBy('bad_limits', checkLimits)
  @ApiPropertyOptional({
    type: [RateLimitView],
    nullable: true,
    minItems: 1,
    maxItems: MAX_LIMITS,
    description: `How often it may be used, over all servers together; null for no limit. ${INHERITED}`,
    example: [{ requests: 100, seconds: 60 }],
  })
  limits?: RateLimit[] | null;
}

export class AddSecretFields extends SecretFields {
  @Optional()
  @IsInt()
  @ApiPropertyOptional({
    type: 'integer',
    // No `default`: generators of types would ask for the field.
    description: `How long the old secret of that name stays good: 0 (when absent), or ${MIN_OVERLAP} to ${MAX_OVERLAP} seconds.`,
    example: 3600,
  })
  overlapSeconds?: number;
}

export function optionsOf({ name, scopes, allowedNetworks, expiresAt, limits }: SecretFields): SecretOptions {
  return {
    name,
    scopes,
    allowedNetworks,
    limits,
    expiresAt: typeof expiresAt === 'string' ? parseExpiry(expiresAt) : expiresAt,
  };
}

const TIME = (description: string) =>
  ApiPropertyOptional({ format: 'date-time', description, example: '2026-11-30T00:00:00Z' });

class SecretQuery {
  @Optional()
  @IsIn(STATES)
  @ApiPropertyOptional({ enum: STATES })
  state?: SecretState;

  @Optional()
  @CheckedBy('bad_name', checkName)
  @ApiPropertyOptional({ description: 'The secrets with this name, exactly.', example: 'ci' })
  name?: string;

  @Optional()
  @IsString()
  @ApiPropertyOptional({ description: 'Those of this user; the name in any letter case.', example: 'user@example.com' })
  user?: string;

  @Optional()
  @CheckedBy('not_a_time', parseExpiry)
  @TIME('Those used at that time or later.')
  usedSince?: string;

  @Optional()
  @CheckedBy('not_a_time', parseExpiry)
  @TIME('Those not used since; one that was never used, when it is older.')
  notUsedSince?: string;

  @Optional()
  @CheckedBy('not_a_time', parseExpiry)
  @TIME('Those that expire before that time.')
  expiresBefore?: string;
}

export class ListSecrets extends IntersectionType(PageQuery, SecretQuery) {}

export function filtersOf({
  usedSince,
  notUsedSince,
  expiresBefore,
  state,
  name,
  user,
}: SecretQuery): Omit<SecretFilters, 'apiKey'> & { user?: string } {
  const time = (text: string | undefined) => (text === undefined ? undefined : parseExpiry(text));
  return {
    state,
    name: name?.trim(),
    user,
    usedSince: time(usedSince),
    notUsedSince: time(notUsedSince),
    expiresBefore: time(expiresBefore),
  };
}
