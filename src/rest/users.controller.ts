import { Body, Controller, Delete, Get, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiConsumes, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsBoolean, IsString } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { KeyOwnersService } from '../api-keys/key-owners.service.js';
import { CurrentActor, Roles, Scopes } from '../auth/decorators.js';
import { ApiProblems, ApiSuccess } from '../openapi/decorators.js';
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
import { CheckedBy, Optional } from './validation.js';

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
  @CheckedBy('bad_password', (password) => checkPassword(password))
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
  @CheckedBy('not_an_email', nameOf)
  @ApiProperty({ format: 'email', maxLength: MAX_LENGTH, description: 'ASCII.', example: 'user@example.com' })
  email: string;

  @CheckedBy('bad_full_name', checkFullName)
  @ApiProperty(FULL_NAME)
  fullName: string;
}

class ChangeUser extends UserFields {
  @Optional()
  @CheckedBy('bad_full_name', checkFullName)
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
    private readonly owners: KeyOwnersService,
  ) {}

  @Post()
  @Scopes('users:write')
  @Roles(SYSTEM_MANAGER)
  @ApiSuccess('Make a user', 201, UserView, 'Location', 'ETag')
  @ApiProblems('conflict')
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
  @Scopes('users:read')
  @Roles(SYSTEM_MANAGER)
  @ApiSuccess('List the users', 200, UserPage)
  async listUsers(@CurrentActor() actor: Actor, @Query() { cursor, sort, ...query }: ListUsers) {
    const kind = `users ${sort}`;
    const after = fromCursor(kind, cursor, sort.endsWith('fullName') ? 'string' : 'number');
    return toPage(await this.owners.list(actor, { ...query, sort, after }), kind, toUserView);
  }

  @Get('count')
  @Scopes('users:read')
  @Roles(SYSTEM_MANAGER)
  @ApiSuccess('Count the users; where they are many, not to the end', 200, UserCountView)
  async countUsers(@CurrentActor() actor: Actor, @Query() query: CountUsers): Promise<UserCountView> {
    const { count, atLeast } = await this.owners.count(actor, query);
    return { count, atLeast };
  }

  @Get(':name')
  @Scopes('users:read')
  @UserName()
  @ApiSuccess('Read a user', 200, UserView, 'ETag')
  @ApiProblems('not_found')
  async getUser(
    @CurrentActor() actor: Actor,
    @Param('name') name: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const user = await this.users.find(actor, name);
    setEtag(reply, user);
    return toUserView(await this.owners.withKey(user));
  }

  @Patch(':name')
  @Scopes('users:write')
  @UserName()
  @ApiConsumes('application/json', 'application/merge-patch+json')
  @ApiSuccess('Change a user, as a merge patch', 200, UserView, 'ETag')
  @ApiProblems('forbidden', 'session_required', 'not_found', 'conflict')
  async updateUser(
    @CurrentActor() actor: Actor,
    @Param('name') name: string,
    @Body() body: ChangeUser,
    @IfMatch() ifRevision: Revision[] | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const user = await this.accounts.update(actor, name, body, { ifRevision });
    setEtag(reply, user);
    return toUserView(await this.owners.withKey(user));
  }

  @Delete(':name')
  @Scopes('users:write')
  @UserName()
  @ApiSuccess('Delete a user; the API key stays reserved', 204)
  @ApiProblems('forbidden', 'not_found', 'conflict')
  async deleteUser(
    @CurrentActor() actor: Actor,
    @Param('name') name: string,
    @IfMatch() ifRevision: Revision[] | undefined,
  ): Promise<void> {
    await this.users.delete(actor, name, { ifRevision });
  }
}
