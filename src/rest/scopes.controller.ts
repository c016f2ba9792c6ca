import { Body, Controller, Delete, Get, Param, Post, Res } from '@nestjs/common';
import { ApiParam, ApiProperty, ApiSchema, ApiTags } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { type ScopeRecord, ScopesService } from '../api-keys/scopes.service.js';
import { CurrentActor, Roles, Scopes } from '../auth/decorators.js';
import { ApiProblems, ApiSuccess } from '../openapi/decorators.js';
import { type Actor, SYSTEM_MANAGER } from '../users/principal.js';
import { type Page, pageOf } from './page.js';

@ApiSchema({ name: 'Scope' })
class ScopeView implements ScopeRecord {
  @IsString()
  @ApiProperty({ description: 'Parts of a to z, digits, ".", "_" and "-", joined by ":".', example: 'reports:read' })
  name: string;

  @IsString()
  @ApiProperty({ minLength: 1, maxLength: 200, example: 'Read reports' })
  description: string;
}

const ScopePage = pageOf('ScopePage', ScopeView);

@Controller('v1/scopes')
@ApiTags('Scopes')
@Roles(SYSTEM_MANAGER)
export class ScopesController {
  constructor(private readonly scopes: ScopesService) {}

  /** All of them on one page: scopes are few. */
  @Get()
  @Scopes('keys:read')
  @ApiSuccess('List all scopes that a secret may be given, by name', 200, ScopePage)
  async listScopes(@CurrentActor() actor: Actor): Promise<Page<ScopeView>> {
    return { data: await this.scopes.list(actor), nextCursor: null };
  }

  @Post()
  @Scopes('keys:write')
  @ApiSuccess('Make a scope known', 201, ScopeView, 'Location')
  @ApiProblems('conflict')
  async createScope(
    @CurrentActor() actor: Actor,
    @Body() body: ScopeView,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ScopeView> {
    const scope = await this.scopes.create(actor, body);
    reply.header('Location', `/v1/scopes/${encodeURIComponent(scope.name)}`);
    return scope;
  }

  @Delete(':name')
  @Scopes('keys:write')
  @ApiParam({ name: 'name', description: 'The name of a scope.', example: 'reports:read' })
  @ApiSuccess('Delete a scope that no live secret has', 204)
  @ApiProblems('not_found', 'conflict')
  async deleteScope(@CurrentActor() actor: Actor, @Param('name') name: string): Promise<void> {
    await this.scopes.delete(actor, name);
  }
}
