import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.js';
import { ApiKeysService } from './api-keys.service.js';
import { LATCHKEY_OPTIONS } from '../database/own-database.js';
import { KeyOwnersService } from './key-owners.service.js';
import { DeclaredScopes } from './declared-scopes.js';
import { OverviewService } from './overview.service.js';
import { ScopesService } from './scopes.service.js';
import { SECRET_RULES } from './secret-options.js';

@Module({
  imports: [UsersModule],
  providers: [
    ApiKeysService,
    KeyOwnersService,
    OverviewService,
    ScopesService,
    DeclaredScopes,
    { provide: SECRET_RULES, useExisting: LATCHKEY_OPTIONS },
  ],
  exports: [UsersModule, ApiKeysService, KeyOwnersService, OverviewService, ScopesService],
})
export class ApiKeysModule {}
