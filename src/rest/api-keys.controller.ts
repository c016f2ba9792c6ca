import { Body, Controller, Delete, Get, Header, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiParam, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { ApiKeysService } from '../api-keys/api-keys.service.js';
import { parseExpiry } from '../api-keys/expiry.js';
import { CurrentActor, Roles } from '../auth/decorators.js';
import { ApiProblems, ApiSuccess } from '../openapi/decorators.js';
import { type Actor, SYSTEM_MANAGER } from '../users/principal.js';
import type { Revision } from '../users/user-rows.js';
import { ApiKeyPage, ApiKeyView, GeneratedKeyView, toApiKeyView, toGeneratedView } from './api-keys.view.js';
import { IfMatch, setEtag } from './etag.js';
import { fromCursor, PageQuery, toPage } from './page.js';
import { CheckedBy, Optional } from './validation.js';

class CreateSecret {
  @Optional()
  @CheckedBy('not_a_time', parseExpiry)
  @ApiPropertyOptional({
    format: 'date-time',
    description: 'In the future; never when absent.',
    example: '2099-01-31T00:00:00Z',
  })
  expiresAt?: string;
}

class CreateApiKey extends CreateSecret {
  @IsString()
  @ApiProperty({ description: 'The name of the one it is for, in any letter case.', example: 'user@example.com' })
  user: string;
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

const ApiKeyParam = () => ApiParam({ name: 'apiKey', example: 'lk_…' });

@Controller('v1/api-keys')
@ApiTags('API keys')
export class ApiKeysController {
  constructor(private readonly apiKeys: ApiKeysService) {}

  @Post()
  @Roles(SYSTEM_MANAGER)
  @Header('Cache-Control', 'no-store')
  @ApiSuccess('Give a user a key and its first secret', 201, GeneratedKeyView, 'Location', 'ETag', 'Cache-Control')
  @ApiProblems('not_found', 'conflict')
  async createApiKey(
    @CurrentActor() actor: Actor,
    @Body() body: CreateApiKey,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const key = await this.apiKeys.create(actor, { user: body.user, expiresAt: expiryOf(body) });
    reply.header('Location', `/v1/api-keys/${key.apiKey}`);
    setEtag(reply, key);
    return toGeneratedView(key);
  }

  @Get()
  @ApiSuccess('List the keys, newest first; one alone to who is no System Manager', 200, ApiKeyPage)
  @ApiProblems('forbidden')
  async listApiKeys(@CurrentActor() actor: Actor, @Query() { limit, cursor, user }: ListApiKeys) {
    const keys = await this.apiKeys.list(actor, { limit, after: fromCursor('api-keys', cursor), user });
    return toPage(keys, 'api-keys', toApiKeyView);
  }

  @Get(':apiKey')
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
  @Header('Cache-Control', 'no-store')
  @ApiKeyParam()
  @ApiBody({ type: CreateSecret, required: false })
  @ApiSuccess('Give a key a new secret; the old one is dead', 201, GeneratedKeyView, 'ETag', 'Cache-Control')
  @ApiProblems('not_found')
  async replaceSecret(
    @CurrentActor() actor: Actor,
    @Param('apiKey') apiKey: string,
    // No union: only a class tells the pipe what to check against. A body that is not there is checked as {}.
    @Body() body: CreateSecret,
    @IfMatch() ifRevision: Revision[] | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const key = await this.apiKeys.replaceSecret(actor, apiKey, { expiresAt: expiryOf(body), ifRevision });
    setEtag(reply, key);
    return toGeneratedView(key);
  }

  @Delete(':apiKey/secrets')
  @ApiKeyParam()
  @ApiSuccess('Revoke all secrets of a key; repeatable', 204)
  @ApiProblems('not_found')
  async revokeSecrets(
    @CurrentActor() actor: Actor,
    @Param('apiKey') apiKey: string,
    @IfMatch() ifRevision: Revision[] | undefined,
  ): Promise<void> {
    await this.apiKeys.revoke(actor, apiKey, { ifRevision });
  }

  @Delete(':apiKey/secrets/:id')
  @ApiKeyParam()
  @ApiParam({ name: 'id', description: 'The id of a secret.', example: '00000000-0000-4000-8000-000000000000' })
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

function expiryOf({ expiresAt }: CreateSecret): Date | undefined {
  return expiresAt === undefined ? undefined : parseExpiry(expiresAt);
}
