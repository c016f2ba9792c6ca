import { ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn } from 'class-validator';
import { KEY_FILTERS, type KeyFilter } from '../api-keys/key-filter.js';
import { OWNER_SORTS, type OwnerSort } from '../api-keys/key-order.js';
import { checkRoleName, checkSearch, MAX_LENGTH, ROLE_NAME } from '../users/user-name.js';
import { PageQuery } from './page.js';
import { CheckedBy, Optional } from './validation.js';

export class CountUsers {
  @Optional()
  @CheckedBy('bad_search', checkSearch)
  @ApiPropertyOptional({
    maxLength: MAX_LENGTH,
    description:
      'With what the e-mail or a word of the full name begins, in any letter case; of several words each. Or an API key, exactly.',
  })
  search?: string;

  @Optional()
  @CheckedBy('bad_name', checkRoleName)
  @ApiPropertyOptional({ pattern: ROLE_NAME.source, description: 'Who holds this role.', example: 'Reader' })
  role?: string;

  @Optional()
  @Transform(({ value }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  @ApiPropertyOptional()
  enabled?: boolean;

  @Optional()
  @IsIn(KEY_FILTERS)
  @ApiPropertyOptional({
    enum: KEY_FILTERS,
    description:
      'Who has a key with a live secret: any, one that was never used, not used for 30 or 90 days (nor is one that was ' +
      'never used and is older), or that expires within 30 days; or a key without a live secret; or no key.',
  })
  key?: KeyFilter;
}

export class ListUsers extends IntersectionType(PageQuery, CountUsers) {
  @Optional()
  @IsIn(OWNER_SORTS)
  @ApiPropertyOptional({
    enum: OWNER_SORTS,
    default: OWNER_SORTS[0],
    description:
      'By `createdAt` or `fullName` of the user, by `keyLastUsedAt`, or by `expiresAt` of a live secret; who has no such time comes ' +
      'last. `-` for descending. A cursor is good for the order that it was given in.',
  })
  sort: OwnerSort = OWNER_SORTS[0];
}
