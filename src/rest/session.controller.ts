import { Body, Controller, Delete, Header, Post, Req, Res } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AnyScope, CurrentActor, Public } from '../auth/decorators.js';
import { deviceOf, SessionCookies, sessionSecretOf } from '../auth/session-cookie.js';
import { ApiProblems, ApiSuccess } from '../openapi/decorators.js';
import { MAX_PASSWORD, MIN_PASSWORD } from '../sessions/password-rule.js';
import { SessionsService } from '../sessions/sessions.service.js';
import type { Actor } from '../users/principal.js';
import { PrincipalView, toPrincipalView } from './me.controller.js';
import { Optional } from './validation.js';

class LogInBody {
  @IsString()
  @ApiProperty({ description: 'The name, in any letter case.', example: 'user@example.com' })
  user: string;

  @IsString()
  @ApiProperty({ format: 'password' })
  password: string;

  @Optional()
  @IsString()
  @ApiPropertyOptional({
    format: 'password',
    minLength: MIN_PASSWORD,
    maxLength: MAX_PASSWORD,
    description: 'The password from now on; needed where `password` is a one-time password, and refused otherwise.',
  })
  newPassword?: string;
}

/**
 * Log-in and log-out. Public, since who logs in has nothing else to show; an Authorization header is judged all the
 * same.
 */
@Controller('v1/session')
@ApiTags('Sessions')
@Public()
@AnyScope()
export class SessionController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly cookies: SessionCookies,
  ) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiSuccess(
    'Log in: opens a session, in cookie `sid`; cookie `device` is for the next log-in',
    201,
    PrincipalView,
    'Set-Cookie',
    'Cache-Control',
  )
  @ApiProblems('session_required')
  async logIn(
    @CurrentActor() actor: Actor | undefined,
    @Body() body: LogInBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PrincipalView> {
    const { ip: address, id: requestId, headers } = request;
    const presented = { session: sessionSecretOf(headers), device: deviceOf(headers) };
    const opened = await this.sessions.logIn(
      actor,
      body,
      { address, requestId, userAgent: headers['user-agent'] },
      presented,
    );
    reply.header('Set-Cookie', this.cookies.loggedIn(opened));
    return toPrincipalView(opened.principal);
  }

  @Delete()
  @ApiSuccess('Log out: ends the session of the cookie; repeatable', 204, undefined, 'Set-Cookie')
  @ApiProblems('session_required')
  async logOut(
    @CurrentActor() actor: Actor | undefined,
    @Req() { headers }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const secret = sessionSecretOf(headers);
    await this.sessions.logOut(actor, secret);
    reply.header('Set-Cookie', this.cookies.noSession());
  }
}
