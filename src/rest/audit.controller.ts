import { Readable } from 'node:stream';
import { Controller, Get, Headers, Query, StreamableFile } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiOperation,
  ApiPropertyOptional,
  ApiResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { IsIn, IsString, Length } from 'class-validator';
import { parseExpiry } from '../api-keys/expiry.js';
import type { AuditFilters } from '../audit/audit-search.js';
import { AuditService } from '../audit/audit.service.js';
import type { AuditRecord } from '../audit/chain.js';
import { AUDIT_EVENTS, type AuditEvent } from '../audit/events.js';
import { CurrentActor, Roles, Scopes } from '../auth/decorators.js';
import { LatchkeyError } from '../latchkey.error.js';
import { headerRefs } from '../openapi/headers.js';
import { ApiSuccess } from '../openapi/decorators.js';
import { type Actor, SYSTEM_MANAGER } from '../users/principal.js';
import { MAX_LENGTH } from '../users/user-name.js';
import { AuditPage, AuditRecordView, toAuditView } from './audit.view.js';
import { fromCursor, PageQuery, toPage } from './page.js';
import { CheckedBy, Optional } from './validation.js';

const NDJSON = 'application/x-ndjson';
const KIND = 'audit';

function Filter(description: string, example: string): PropertyDecorator {
  return (target, name) => {
    for (const decorate of [Optional(), IsString(), Length(1, MAX_LENGTH)]) decorate(target, name);
    ApiPropertyOptional({ minLength: 1, maxLength: MAX_LENGTH, description, example })(target, name);
  };
}

function Time(description: string): PropertyDecorator {
  return (target, name) => {
    for (const decorate of [Optional(), CheckedBy('not_a_time', parseExpiry)]) decorate(target, name);
    ApiPropertyOptional({ format: 'date-time', description, example: '2026-11-30T00:00:00Z' })(target, name);
  };
}

class ListAudit extends PageQuery {
  @Filter('Rows by or about this user.', 'user@example.com')
  user?: string;

  @Filter('Who did it: the name of a user, `command` or `Guest`.', 'Administrator')
  actor?: string;

  @Filter('Whom or what it is about: the name of a user, a role or a scope.', 'user@example.com')
  subject?: string;

  @Filter('The id of the secret or session by which it was done.', '00000000-0000-4000-8000-000000000000')
  credential?: string;

  @Filter('The API key that it is about.', 'lk_…')
  apiKey?: string;

  @Filter('The id of the secret that it is about.', '00000000-0000-4000-8000-000000000000')
  secretId?: string;

  @Filter('From where it was done.', '192.0.2.1')
  address?: string;

  @Optional()
  @IsIn(AUDIT_EVENTS)
  @ApiPropertyOptional({ enum: AUDIT_EVENTS, enumName: 'AuditEvent' })
  event?: AuditEvent;

  @Time('At that time or later.')
  from?: string;

  @Time('Before that time.')
  to?: string;
}

@Controller('v1/audit')
@ApiTags('Audit')
@ApiExtraModels(AuditRecordView)
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  /** A page; or, as NDJSON, all rows that fit, which may be millions. */
  @Get()
  @Roles(SYSTEM_MANAGER)
  @Scopes('audit:read')
  @ApiOperation({
    summary: 'List the audit trail, newest first; as NDJSON all rows that fit, oldest first',
    description:
      'With `Accept: application/x-ndjson` there are no pages: each line is a row, and `limit` and `cursor` are refused. ' +
      'To go on after a broken connection, ask with `from` for the `at` of the last row that came, and leave out what has come.',
  })
  @ApiResponse({
    status: 200,
    description: 'OK',
    headers: headerRefs([]),
    content: {
      'application/json': { schema: { $ref: getSchemaPath(AuditPage) } },
      [NDJSON]: { schema: { $ref: getSchemaPath(AuditRecordView) } },
    },
  })
  @ApiExtraModels(AuditPage)
  async listAudit(
    @CurrentActor() actor: Actor,
    @Query() { limit, cursor, ...query }: ListAudit,
    @Query() raw: Record<string, unknown>,
    @Headers('accept') accept = '',
  ) {
    const filters = filtersOf(query);
    if (!wantsLines(accept)) {
      return toPage(
        await this.audit.list(actor, { ...filters, limit, after: fromCursor(KIND, cursor) }),
        KIND,
        toAuditView,
      );
    }
    if (raw.limit !== undefined || raw.cursor !== undefined) {
      throw new LatchkeyError('malformed', 'NDJSON has no pages: leave out `limit` and `cursor`.');
    }
    return new StreamableFile(await toLines(this.audit.stream(actor, filters)), { type: NDJSON });
  }
}

@Controller('v1/me/audit')
@ApiTags('Me')
export class OwnAuditController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @Scopes('audit:read')
  @ApiSuccess('List what was done by the caller and to the caller, newest first', 200, AuditPage)
  async listOwnAudit(@CurrentActor() actor: Actor, @Query() { limit, cursor }: PageQuery) {
    return toPage(await this.audit.listOwn(actor, { limit, after: fromCursor(KIND, cursor) }), KIND, toAuditView);
  }
}

function filtersOf({ from, to, ...exact }: Omit<ListAudit, keyof PageQuery>): AuditFilters {
  const time = (text: string | undefined) => (text === undefined ? undefined : parseExpiry(text));
  return { ...exact, from: time(from), to: time(to) };
}

function wantsLines(accept: string): boolean {
  return accept.split(',').some((range) => /^\s*application\/x-ndjson\s*(;(?!\s*q=0(\.0*)?\s*$).*)?$/i.test(range));
}

/** A row each line. The first rows are awaited: while there is no answer yet, what fails has a status. */
async function toLines(rows: AsyncGenerator<AuditRecord[]>): Promise<Readable> {
  const first = await rows.next();
  const lines = async function* () {
    for (let page = first; !page.done; page = await rows.next()) {
      yield page.value.map((record) => `${JSON.stringify(toAuditView(record))}\n`).join('');
    }
  };
  return Readable.from(lines());
}
