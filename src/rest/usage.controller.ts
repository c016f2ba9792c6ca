import { Controller, Get, Query } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, ApiSchema, ApiTags } from '@nestjs/swagger';
import { IsIn, IsString, MaxLength } from 'class-validator';
import { parseExpiry } from '../api-keys/expiry.js';
import { CurrentActor, Scopes } from '../auth/decorators.js';
import { ApiProblems, ApiSuccess } from '../openapi/decorators.js';
import { type UsageCount, UsageService } from '../usage/usage.service.js';
import type { Actor } from '../users/principal.js';
import { MAX_LENGTH } from '../users/user-name.js';
import { CheckedBy, Optional } from './validation.js';

const UNITS = ['hour', 'day'] as const;

class ReadUsage {
  @Optional()
  @IsString()
  @MaxLength(MAX_LENGTH)
  @ApiPropertyOptional({
    description: 'Of the key of this user; the name in any letter case.',
    example: 'user@example.com',
  })
  user?: string;

  @Optional()
  @IsString()
  @MaxLength(MAX_LENGTH)
  @ApiPropertyOptional({ description: 'Of this API key.', example: 'lk_…' })
  apiKey?: string;

  @Optional()
  @IsString()
  @MaxLength(MAX_LENGTH)
  @ApiPropertyOptional({
    description: 'Of the secret with this id.',
    example: '00000000-0000-4000-8000-000000000000',
  })
  secretId?: string;

  @Optional()
  @CheckedBy('not_a_time', parseExpiry)
  @ApiPropertyOptional({
    format: 'date-time',
    description:
      'The first hour or day is that of this time; by default the day 29 days ago, or the hour 23 hours ago.',
    example: '2026-11-01T00:00:00Z',
  })
  from?: string;

  @Optional()
  @CheckedBy('not_a_time', parseExpiry)
  @ApiPropertyOptional({
    format: 'date-time',
    description: 'The last hour or day is that of this time; by default now.',
    example: '2026-11-30T00:00:00Z',
  })
  to?: string;

  @Optional()
  @IsIn(UNITS)
  @ApiPropertyOptional({
    enum: UNITS,
    description: 'By default `day`. Hours are known of the last 35 days. Days are those of UTC.',
  })
  by?: (typeof UNITS)[number];
}

@ApiSchema({ name: 'UsageCount' })
class UsageCountView implements UsageCount {
  @ApiProperty({ description: 'When the hour or the day began.' })
  from: Date;

  @ApiProperty({ type: 'integer', description: 'How often somebody was let in.', example: 12 })
  accepted: number;

  @ApiProperty({ type: 'integer', description: 'How often a limit has kept somebody out.', example: 0 })
  limited: number;
}

@ApiSchema({ name: 'Usage' })
class UsageView {
  @ApiProperty({ type: [UsageCountView], description: 'One for each hour or day, oldest first.' })
  data: UsageCountView[];
}

@Controller('v1/usage')
@ApiTags('Usage')
export class UsageController {
  constructor(private readonly usage: UsageService) {}

  @Get()
  @Scopes('keys:read')
  @ApiSuccess(
    'Read how often secrets were used: of all, or of a user, a key or a secret; written within 30 s',
    200,
    UsageView,
  )
  @ApiProblems('not_found', 'forbidden')
  async readUsage(@CurrentActor() actor: Actor, @Query() { from, to, ...query }: ReadUsage): Promise<UsageView> {
    const time = (text: string | undefined) => (text === undefined ? undefined : parseExpiry(text));
    const counts = await this.usage.read(actor, { ...query, from: time(from), to: time(to) });
    return { data: counts.map((count) => ({ from: count.from, accepted: count.accepted, limited: count.limited })) };
  }
}
