import { Controller, Delete, Get, Param, Query } from '@nestjs/common';
import { ApiParam, ApiProperty, ApiPropertyOptional, ApiSchema, ApiTags } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { CurrentActor, Scopes } from '../auth/decorators.js';
import { ApiProblems, ApiSuccess } from '../openapi/decorators.js';
import { type SessionRecord, SessionsService } from '../sessions/sessions.service.js';
import { type Actor, OPERATOR } from '../users/principal.js';
import { type Page, pageOf } from './page.js';
import { UserName } from './users.view.js';
import { Optional } from './validation.js';

const CURRENT = 'current';

@ApiSchema({ name: 'Session' })
class SessionView {
  @ApiProperty({ description: 'Opaque. No secret.', example: '00000000-0000-4000-8000-000000000000' })
  id: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'From where it was opened; null where addresses are not recorded.',
    example: '192.0.2.7',
  })
  address: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    maxLength: 120,
    description: 'With what it was opened: the beginning of `User-Agent`.',
    example: 'Mozilla/5.0 (X11; Linux x86_64) …',
  })
  userAgent: string | null;

  @ApiProperty()
  createdAt: Date;

  @ApiProperty({ description: 'To the minute.' })
  lastSeenAt: Date;

  @ApiProperty({ description: 'However much it is used; a day without use ends it sooner.' })
  expiresAt: Date;

  @ApiProperty({ description: 'Whether this request was made with it.' })
  current: boolean;
}

const SessionPage = pageOf('SessionPage', SessionView);

class EndSessions {
  @Optional()
  @IsIn([CURRENT])
  @ApiPropertyOptional({ enum: [CURRENT], description: 'Keeps the session that this request is made with.' })
  except?: typeof CURRENT;
}

@Controller('v1/users/:name/sessions')
@ApiTags('Sessions')
export class UserSessionsController {
  constructor(private readonly sessions: SessionsService) {}

  /** All of them on one page: a user has a hundred at most. */
  @Get()
  @Scopes('sessions:read')
  @UserName()
  @ApiSuccess("List a user's open sessions, last used first", 200, SessionPage)
  @ApiProblems('not_found')
  async listSessions(@CurrentActor() actor: Actor, @Param('name') name: string): Promise<Page<SessionView>> {
    const sessions = await this.sessions.list(actor, name);
    const current = sessionOf(actor);
    return { data: sessions.map((session) => toSessionView(session, current)), nextCursor: null };
  }

  @Delete()
  @Scopes('sessions:write')
  @UserName()
  @ApiSuccess("End all of a user's sessions; repeatable. API keys keep working", 204)
  @ApiProblems('not_found')
  async endSessions(
    @CurrentActor() actor: Actor,
    @Param('name') name: string,
    @Query() { except }: EndSessions,
  ): Promise<void> {
    await this.sessions.endAll(actor, name, { except: except && sessionOf(actor) });
  }

  @Delete(':id')
  @Scopes('sessions:write')
  @UserName()
  @ApiParam({ name: 'id', description: 'The id of an open session.', example: '00000000-0000-4000-8000-000000000000' })
  @ApiSuccess('End one session', 204)
  @ApiProblems('not_found')
  async endSession(@CurrentActor() actor: Actor, @Param('name') name: string, @Param('id') id: string): Promise<void> {
    await this.sessions.endOne(actor, name, id);
  }
}

/** The id of the session by which the caller was proved; undefined for a token. */
function sessionOf(actor: Actor): string | undefined {
  return actor !== OPERATOR && actor.credential.type === 'session' ? actor.credential.sessionId : undefined;
}

function toSessionView(session: SessionRecord, current: string | undefined): SessionView {
  const { id, address, userAgent, createdAt, lastSeenAt, expiresAt } = session;
  return {
    id,
    address: address === '' ? null : address,
    userAgent,
    createdAt,
    lastSeenAt,
    expiresAt,
    current: id === current,
  };
}
