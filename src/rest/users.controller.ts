import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsString } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { CurrentActor, Roles } from '../auth/decorators.js';
import { checkFullName, checkRoleName, checkSearch, nameOf } from '../users/user-name.js';
import { type Actor, SYSTEM_MANAGER } from '../users/principal.js';
import type { Revision, UserRecord } from '../users/user-rows.js';
import { UsersService } from '../users/users.service.js';
import { IfMatch, setEtag } from './etag.js';
import { fromCursor, PageQuery, toPage } from './page.js';
import { Obeys, Optional } from './validation.js';

class UserFlags {
  @Optional()
  @IsBoolean()
  enabled?: boolean;

  @Optional()
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  roles?: string[];
}

class CreateUser extends UserFlags {
  @Obeys('not_an_email', nameOf)
  email: string;

  @Obeys('bad_full_name', checkFullName)
  fullName: string;
}

class ChangeUser extends UserFlags {
  @Optional()
  @Obeys('bad_full_name', checkFullName)
  fullName?: string;
}

class ListUsers extends PageQuery {
  /** What the e-mail or the full name begins with, in any letter case. */
  @Optional()
  @Obeys('bad_search', checkSearch)
  search?: string;

  @Optional()
  @Obeys('bad_name', checkRoleName)
  role?: string;

  @Optional()
  @Transform(({ value }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  enabled?: boolean;
}

@Controller('v1/users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Post()
  @Roles(SYSTEM_MANAGER)
  async create(
    @CurrentActor() actor: Actor,
    @Body() body: CreateUser,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const user = await this.users.create(actor, body);
    reply.header('Location', `/v1/users/${encodeURIComponent(user.name)}`);
    setEtag(reply, user);
    return toUserView(user);
  }

  @Get()
  @Roles(SYSTEM_MANAGER)
  async list(@CurrentActor() actor: Actor, @Query() { cursor, ...query }: ListUsers) {
    const users = await this.users.list(actor, { ...query, after: fromCursor('users', cursor) });
    return toPage(users, 'users', toUserView);
  }

  @Get(':name')
  async find(
    @CurrentActor() actor: Actor,
    @Param('name') name: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const user = await this.users.find(actor, name);
    setEtag(reply, user);
    return toUserView(user);
  }

  @Patch(':name')
  async update(
    @CurrentActor() actor: Actor,
    @Param('name') name: string,
    @Body() body: ChangeUser,
    @IfMatch() ifRevision: Revision[] | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const user = await this.users.update(actor, name, body, { ifRevision });
    setEtag(reply, user);
    return toUserView(user);
  }

  @Delete(':name')
  @HttpCode(204)
  async delete(
    @CurrentActor() actor: Actor,
    @Param('name') name: string,
    @IfMatch() ifRevision: Revision[] | undefined,
  ): Promise<void> {
    await this.users.delete(actor, name, { ifRevision });
  }
}

function toUserView({ id, name, fullName, enabled, roles, createdAt, updatedAt }: UserRecord) {
  const email = name.includes('@') ? name : null; // Administrator has none
  return { id, name, email, fullName, enabled, roles, createdAt, updatedAt };
}
