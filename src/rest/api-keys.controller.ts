import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { IsString } from 'class-validator';
import type { FastifyReply } from 'fastify';
import type { ApiKeyRecord } from '../api-keys/api-key-rows.js';
import { ApiKeysService, type GeneratedKey } from '../api-keys/api-keys.service.js';
import { parseExpiry } from '../api-keys/expiry.js';
import { CurrentActor, Roles } from '../auth/decorators.js';
import { type Actor, SYSTEM_MANAGER } from '../users/principal.js';
import type { Revision } from '../users/user-rows.js';
import { IfMatch, setEtag } from './etag.js';
import { fromCursor, PageQuery, toPage } from './page.js';
import { Obeys, Optional } from './validation.js';

class CreateSecret {
  /** ISO 8601 with a zone. */
  @Optional()
  @Obeys('not_a_time', parseExpiry)
  expiresAt?: string;
}

class CreateApiKey extends CreateSecret {
  @IsString()
  user: string;
}

class ListApiKeys extends PageQuery {
  @Optional()
  @IsString()
  user?: string;
}

@Controller('v1/api-keys')
export class ApiKeysController {
  constructor(private readonly apiKeys: ApiKeysService) {}

  @Post()
  @Roles(SYSTEM_MANAGER)
  @Header('Cache-Control', 'no-store')
  async create(
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
  async list(@CurrentActor() actor: Actor, @Query() { limit, cursor, user }: ListApiKeys) {
    const keys = await this.apiKeys.list(actor, { limit: limit + 1, after: fromCursor('api-keys', cursor), user });
    const position = ({ createdAt, apiKey }: ApiKeyRecord) => ({ createdAt, id: apiKey });
    return toPage(keys, { limit, kind: 'api-keys', position, view: toApiKeyView });
  }

  @Get(':apiKey')
  async find(
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
  @HttpCode(204)
  async revokeAll(
    @CurrentActor() actor: Actor,
    @Param('apiKey') apiKey: string,
    @IfMatch() ifRevision: Revision[] | undefined,
  ): Promise<void> {
    await this.apiKeys.revoke(actor, apiKey, { ifRevision });
  }

  @Delete(':apiKey/secrets/:id')
  @HttpCode(204)
  async revoke(
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

function toGeneratedView({ apiKey, apiSecret, user, secretId, hint, createdAt, createdBy, expiresAt }: GeneratedKey) {
  return { apiKey, apiSecret, user, secretId, hint, createdAt, createdBy, expiresAt };
}

function toApiKeyView({ apiKey, user, createdAt, createdBy, secrets }: ApiKeyRecord) {
  return { apiKey, user, createdAt, createdBy, secrets };
}
