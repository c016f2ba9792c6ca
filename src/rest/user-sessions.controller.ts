import { Controller, Delete, Get, Param } from '@nestjs/common';
import { ApiProperty, ApiSchema, ApiTags } from '@nestjs/swagger';
import { CurrentActor } from '../auth/decorators.js';
import { ApiProblems, ApiSuccess } from '../openapi/decorators.js';
import { type SessionRecord, SessionsService } from '../sessions/sessions.service.js';
import { type Actor, OPERATOR } from '../users/principal.js';
import { type Page, pageOf } from './page.js';
import { UserName } from './users.view.js';

@ApiSchema({ name: 'Session' })
class SessionView {
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

@Controller('v1/users/:name/sessions')
@ApiTags('Sessions')
export class UserSessionsController {
  constructor(private readonly sessions: SessionsService) {}

  /** All of them on one page: a user has a hundred at most. */
  @Get()
  @UserName()
  @ApiSuccess("List a user's open sessions, last used first", 200, SessionPage)
  @ApiProblems('not_found')
  async listSessions(@CurrentActor() actor: Actor, @Param('name') name: string): Promise<Page<SessionView>> {
    const sessions = await this.sessions.list(actor, name);
    return { data: sessions.map((session) => toSessionView(session, actor)), nextCursor: null };
  }

  @Delete()
  @UserName()
  @ApiSuccess("End all of a user's sessions; repeatable. API keys keep working", 204)
  @ApiProblems('not_found')
  async endSessions(@CurrentActor() actor: Actor, @Param('name') name: string): Promise<void> {
    await this.sessions.endAll(actor, name);
  }
}

function toSessionView({ id, createdAt, lastSeenAt, expiresAt }: SessionRecord, actor: Actor): SessionView {
  const credential = actor === OPERATOR ? undefined : actor.credential;
  return { createdAt, lastSeenAt, expiresAt, current: credential?.type === 'session' && credential.sessionId === id };
}
