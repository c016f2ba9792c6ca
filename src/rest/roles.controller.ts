import { Body, Controller, Delete, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CurrentActor, Roles } from '../auth/decorators.js';
import { type Actor, SYSTEM_MANAGER } from '../users/principal.js';
import { RolesService } from '../users/roles.service.js';
import { checkRoleName } from '../users/user-name.js';
import type { Page } from './page.js';
import { Obeys } from './validation.js';

class CreateRole {
  @Obeys('bad_name', checkRoleName)
  name: string;
}

@Controller('v1/roles')
@Roles(SYSTEM_MANAGER)
export class RolesController {
  constructor(private readonly roles: RolesService) {}

  /** All of them on one page: roles are few. */
  @Get()
  async list(@CurrentActor() actor: Actor): Promise<Page<{ name: string }>> {
    return { data: (await this.roles.list(actor)).map((name) => ({ name })), nextCursor: null };
  }

  @Post()
  async create(
    @CurrentActor() actor: Actor,
    @Body() { name }: CreateRole,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    await this.roles.create(actor, name);
    reply.header('Location', `/v1/roles/${encodeURIComponent(name)}`);
    return { name };
  }

  @Delete(':name')
  @HttpCode(204)
  async delete(@CurrentActor() actor: Actor, @Param('name') name: string): Promise<void> {
    await this.roles.delete(actor, name);
  }
}
