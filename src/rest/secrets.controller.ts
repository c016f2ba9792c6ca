import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiKeysService } from '../api-keys/api-keys.service.js';
import { orderName } from '../api-keys/secret-search.js';
import { CurrentActor, Roles, Scopes } from '../auth/decorators.js';
import { ApiSuccess } from '../openapi/decorators.js';
import { type Actor, SYSTEM_MANAGER } from '../users/principal.js';
import { OwnedSecretPage, toOwnedSecretView } from './api-keys.view.js';
import { fromCursor, toPage } from './page.js';
import { filtersOf, ListSecrets } from './secret-fields.js';

@Controller('v1/secrets')
@ApiTags('API keys')
export class SecretsController {
  constructor(private readonly apiKeys: ApiKeysService) {}

  @Get()
  @Roles(SYSTEM_MANAGER)
  @Scopes('keys:read')
  @ApiSuccess(
    'List the secrets of all keys: those that retire by their end, else the newest first',
    200,
    OwnedSecretPage,
  )
  async listSecrets(@CurrentActor() actor: Actor, @Query() { limit, cursor, ...query }: ListSecrets) {
    const filters = filtersOf(query);
    const kind = `secrets by ${orderName({ ...filters, apiKey: filters.user })}`;
    const secrets = await this.apiKeys.listSecrets(actor, { ...filters, limit, after: fromCursor(kind, cursor) });
    return toPage(secrets, kind, toOwnedSecretView);
  }
}
