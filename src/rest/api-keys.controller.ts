import { Body, Controller, Delete, Get, Header, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiParam, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { ApiKeysService } from '../api-keys/api-keys.service.js';
import { checkName } from '../api-keys/secret-options.js';
import { CurrentActor, Roles, Scopes } from '../auth/decorators.js';
import { ApiProblems, ApiSuccess } from '../openapi/decorators.js';
import { type Actor, SYSTEM_MANAGER } from '../users/principal.js';
import type { Revision } from '../users/user-rows.js';
import {
  ApiKeyPage,
  ApiKeyView,
  GeneratedKeyView,
  SecretView,
  toApiKeyView,
  toGeneratedView,
} from './api-keys.view.js';
import { IfMatch, setEtag } from './etag.js';
import { fromCursor, PageQuery, toPage } from './page.js';
import { AddSecretFields, optionsOf, SecretFields } from './secret-fields.js';
import { CheckedBy, Optional } from './validation.js';

class CreateApiKey extends SecretFields {
  @IsString()
  @ApiProperty({ description: 'The name of the one it is for, in any letter case.', example: 'user@example.com' })
  user: string;
}

class PatchSecret extends SecretFields {}

class RevokeSecrets {
  @Optional()
  @CheckedBy('bad_name', checkName)
  @ApiPropertyOptional({ description: 'Only the secrets with this name.', example: 'ci' })
  name?: string;
}

class ListApiKeys extends PageQuery {
  @Optional()
  @IsString()
  @ApiPropertyOptional({
    description: 'The key of this user alone; the name in any letter case.',
    example: 'user@example.com',
  })
  user?: string;
}

const SecretIdParam = () =>
  ApiParam({ name: 'id', description: 'The id of a secret.', example: '00000000-0000-4000-8000-000000000000' });
const ApiKeyParam = () => ApiParam({ name: 'apiKey', example: 'lk_…' });

@Controller('v1/api-keys')
@ApiTags('API keys')
export class ApiKeysController {
  constructor(private readonly apiKeys: ApiKeysService) {}

  @Post()
  @Scopes('keys:write')
  @Roles(SYSTEM_MANAGER)
  @Header('Cache-Control', 'no-store')
  @ApiSuccess('Give a user a key and its first secret', 201, GeneratedKeyView, 'Location', 'ETag', 'Cache-Control')
  @ApiProblems('not_found', 'conflict')
  async createApiKey(
    @CurrentActor() actor: Actor,
    @Body() body: CreateApiKey,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const key = await this.apiKeys.create(actor, { user: body.user, ...optionsOf(body) });
    reply.header('Location', `/v1/api-keys/${key.apiKey}`);
    setEtag(reply, key);
    return toGeneratedView(key);
  }

  @Get()
  @Scopes('keys:read')
  @ApiSuccess('List the keys, newest first; one alone to who is no System Manager', 200, ApiKeyPage)
  @ApiProblems('forbidden')
  async listApiKeys(@CurrentActor() actor: Actor, @Query() { limit, cursor, user }: ListApiKeys) {
    const keys = await this.apiKeys.list(actor, { limit, after: fromCursor('api-keys', cursor), user });
    return toPage(keys, 'api-keys', toApiKeyView);
  }

  @Get(':apiKey')
  @Scopes('keys:read')
  @ApiKeyParam()
  @ApiSuccess('Read a key', 200, ApiKeyView, 'ETag')
  @ApiProblems('not_found')
  async getApiKey(
    @CurrentActor() actor: Actor,
    @Param('apiKey') apiKey: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const key = await this.apiKeys.find(actor, apiKey);
    setEtag(reply, key);
    return toApiKeyView(key);
  }

  @Post(':apiKey/secrets')
  @Roles(SYSTEM_MANAGER)
  @Scopes('keys:write')
  @Header('Cache-Control', 'no-store')
  @ApiKeyParam()
  @ApiBody({ type: AddSecretFields, required: false })
  @ApiSuccess(
    'Give a key a new secret; the old one of that name is dead, or retires',
    201,
    GeneratedKeyView,
    'ETag',
    'Cache-Control',
  )
  @ApiProblems('not_found', 'conflict')
  async addSecret(
    @CurrentActor() actor: Actor,
    @Param('apiKey') apiKey: string,
    // No union: only a class tells the pipe what to check against. A body that is not there is checked as {}.
    @Body() body: AddSecretFields,
    @IfMatch() ifRevision: Revision[] | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { overlapSeconds } = body;
    const key = await this.apiKeys.addSecret(actor, apiKey, { ...optionsOf(body), overlapSeconds, ifRevision });
    setEtag(reply, key);
    return toGeneratedView(key);
  }

  @Patch(':apiKey/secrets/:id')
  @Roles(SYSTEM_MANAGER)
  @Scopes('keys:write')
  @ApiKeyParam()
  @SecretIdParam()
  @ApiSuccess('Change what a live secret may (RFC 7396)', 200, SecretView, 'ETag')
  @ApiProblems('not_found', 'conflict')
  async patchSecret(
    @CurrentActor() actor: Actor,
    @Param('apiKey') apiKey: string,
    @Param('id') secretId: string,
    @Body() body: PatchSecret,
    @IfMatch() ifRevision: Revision[] | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SecretView> {
    const patched = await this.apiKeys.patchSecret(actor, apiKey, secretId, { ...optionsOf(body), ifRevision });
    setEtag(reply, patched);
    return patched.secret;
  }

  @Delete(':apiKey/secrets')
  @Scopes('keys:write')
  @ApiKeyParam()
  @ApiSuccess('Revoke all secrets of a key, or those of one name; repeatable', 204)
  @ApiProblems('not_found')
  async revokeSecrets(
    @CurrentActor() actor: Actor,
    @Param('apiKey') apiKey: string,
    @Query() { name }: RevokeSecrets,
    @IfMatch() ifRevision: Revision[] | undefined,
  ): Promise<void> {
    await this.apiKeys.revoke(actor, apiKey, { name, ifRevision });
  }

  @Delete(':apiKey/secrets/:id')
  @Scopes('keys:write')
  @ApiKeyParam()
  @SecretIdParam()
  @ApiSuccess('Revoke one secret of a key; repeatable', 204)
  @ApiProblems('not_found')
  async revokeSecret(
    @CurrentActor() actor: Actor,
    @Param('apiKey') apiKey: string,
    @Param('id') secretId: string,
    @IfMatch() ifRevision: Revision[] | undefined,
  ): Promise<void> {
    await this.apiKeys.revoke(actor, apiKey, { secretId, ifRevision });
  }
}
