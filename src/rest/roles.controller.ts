import { Body, Controller, Delete, Get, Param, Post, Res } from '@nestjs/common';
import { ApiParam, ApiProperty, ApiSchema, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentActor, Roles, Scopes } from '../auth/decorators.js';
import { ApiProblems, ApiSuccess } from '../openapi/decorators.js';
import { type Actor, SYSTEM_MANAGER } from '../users/principal.js';
import { RolesService } from '../users/roles.service.js';
import { checkRoleName, ROLE_NAME } from '../users/user-name.js';
import { type Page, pageOf } from './page.js';
import { CheckedBy } from './validation.js';

class CreateRole {
  @CheckedBy('bad_name', checkRoleName)
  @ApiProperty({ pattern: ROLE_NAME.source, example: 'Reader' })
  name: string;
}

@ApiSchema({ name: 'Role' })
class RoleView {
  @ApiProperty({ example: 'Reader' })
  name: string;
}

const RolePage = pageOf('RolePage', RoleView);

@Controller('v1/roles')
@ApiTags('Roles')
@Roles(SYSTEM_MANAGER)
export class RolesController {
  constructor(private readonly roles: RolesService) {}

  /** All of them on one page: roles are few. */
  @Get()
  @Scopes('roles:read')
  @ApiSuccess('List all roles, by name', 200, RolePage)
  async listRoles(@CurrentActor() actor: Actor): Promise<Page<RoleView>> {
    return { data: (await this.roles.list(actor)).map((name) => ({ name })), nextCursor: null };
  }

  @Post()
  @Scopes('roles:write')
  @ApiSuccess('Make a role', 201, RoleView, 'Location')
  @ApiProblems('conflict')
  async createRole(
    @CurrentActor() actor: Actor,
    @Body() { name }: CreateRole,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RoleView> {
    await this.roles.create(actor, name);
    reply.header('Location', `/v1/roles/${encodeURIComponent(name)}`);
    return { name };
  }

  @Delete(':name')
  @Scopes('roles:write')
  @ApiParam({ name: 'name', description: 'The name of a role.', example: 'Reader' })
  @ApiSuccess('Delete a role that nobody holds', 204)
  @ApiProblems('not_found', 'conflict')
  async deleteRole(@CurrentActor() actor: Actor, @Param('name') name: string): Promise<void> {
    await this.roles.delete(actor, name);
  }
}
