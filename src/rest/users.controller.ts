import { Body, Controller, Delete, Get, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiConsumes, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsBoolean, IsString } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { KeyHoldersService } from '../api-keys/key-holders.service.js';
import { CurrentActor, Roles } from '../auth/decorators.js';
import { Answers, Refuses } from '../openapi/decorators.js';
import { checkFullName, MAX_LENGTH, nameOf } from '../users/user-name.js';
import { type Actor, SYSTEM_MANAGER } from '../users/principal.js';
import type { Revision } from '../users/user-rows.js';
import { AccountsService } from '../sessions/accounts.service.js';
import { checkPassword, MAX_PASSWORD, MIN_PASSWORD } from '../sessions/password-rule.js';
import { UsersService } from '../users/users.service.js';
import { IfMatch, setEtag } from './etag.js';
import { fromCursor, toPage } from './page.js';
import { CountUsers, ListUsers } from './users.query.js';
import { toUserView, UserCountView, UserName, UserPage, UserView } from './users.view.js';
import { Obeys, Optional } from './validation.js';

const MAX_ROLES = 100;
const FULL_NAME = { minLength: 1, maxLength: MAX_LENGTH, example: 'A User' };

class UserFields {
  @Optional()
  @IsBoolean()
  @ApiPropertyOptional({ description: 'Who is disabled gets in nowhere.', example: true })
  enabled?: boolean;

  @Optional()
  @IsArray()
  @ArrayMaxSize(MAX_ROLES)
  @IsString({ each: true })
  @ApiPropertyOptional({
    type: [String],
    maxItems: MAX_ROLES,
    description: 'All of them.',
    example: ['System Manager'],
  })
  roles?: string[];

  @Optional()
  @Obeys('bad_password', (password) => checkPassword(password))
  @ApiPropertyOptional({
    format: 'password',
    minLength: MIN_PASSWORD,
    maxLength: MAX_PASSWORD,
    description: 'To log in with.',
    example: 'correct horse battery staple',
  })
  password?: string;
}

class CreateUser extends UserFields {
  @Obeys('not_an_email', nameOf)
  @ApiProperty({ format: 'email', maxLength: MAX_LENGTH, description: 'ASCII.', example: 'user@example.com' })
  email: string;

  @Obeys('bad_full_name', checkFullName)
  @ApiProperty(FULL_NAME)
  fullName: string;
}

class ChangeUser extends UserFields {
  @Optional()
  @Obeys('bad_full_name', checkFullName)
  @ApiPropertyOptional(FULL_NAME)
  fullName?: string;

  @Optional()
  @IsString()
  @ApiPropertyOptional({
    format: 'password',
    description: 'The password until now; needed by who changes one’s own, with a session.',
  })
  currentPassword?: string;
}

@Controller('v1/users')
@ApiTags('Users')
export class UsersController {
  constructor(
    private readonly users: UsersService,
    private readonly accounts: AccountsService,
    private readonly holders: KeyHoldersService,
  ) {}

  @Post()
  @Roles(SYSTEM_MANAGER)
  @Answers('Make a user', 201, UserView, 'Location', 'ETag')
  @Refuses('conflict')
  async createUser(
    @CurrentActor() actor: Actor,
    @Body() body: CreateUser,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const user = await this.accounts.create(actor, body);
    reply.header('Location', `/v1/users/${encodeURIComponent(user.name)}`);
    setEtag(reply, user);
    return toUserView({ ...user, key: null });
  }

  @Get()
  @Roles(SYSTEM_MANAGER)
  @Answers('List the users', 200, UserPage)
  async listUsers(@CurrentActor() actor: Actor, @Query() { cursor, sort, ...query }: ListUsers) {
    const kind = `users ${sort}`;
    const after = fromCursor(kind, cursor, sort.endsWith('fullName') ? 'string' : 'number');
    return toPage(await this.holders.list(actor, { ...query, sort, after }), kind, toUserView);
  }

  @Get('count')
  @Roles(SYSTEM_MANAGER)
  @Answers('Count the users; where they are many, not to the end', 200, UserCountView)
  async countUsers(@CurrentActor() actor: Actor, @Query() query: CountUsers): Promise<UserCountView> {
    const { count, atLeast } = await this.holders.count(actor, query);
    return { count, atLeast };
  }

  @Get(':name')
  @UserName()
  @Answers('Read a user', 200, UserView, 'ETag')
  @Refuses('not_found')
  async getUser(
    @CurrentActor() actor: Actor,
    @Param('name') name: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const user = await this.users.find(actor, name);
    setEtag(reply, user);
    return toUserView(await this.holders.withKey(user));
  }

  @Patch(':name')
  @UserName()
  @ApiConsumes('application/json', 'application/merge-patch+json')
  @Answers('Change a user, as a merge patch', 200, UserView, 'ETag')
  @Refuses('forbidden', 'session_required', 'not_found', 'conflict')
  async updateUser(
    @CurrentActor() actor: Actor,
    @Param('name') name: string,
    @Body() body: ChangeUser,
    @IfMatch() ifRevision: Revision[] | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const user = await this.accounts.update(actor, name, body, { ifRevision });
    setEtag(reply, user);
    return toUserView(await this.holders.withKey(user));
  }

  @Delete(':name')
  @UserName()
  @Answers('Delete a user; the API key stays reserved', 204)
  @Refuses('forbidden', 'not_found', 'conflict')
  async deleteUser(
    @CurrentActor() actor: Actor,
    @Param('name') name: string,
    @IfMatch() ifRevision: Revision[] | undefined,
  ): Promise<void> {
    await this.users.delete(actor, name, { ifRevision });
  }
}
