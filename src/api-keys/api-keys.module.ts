import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.js';
import { ApiKeyVerifier } from './api-key.verifier.js';
import { ApiKeysService } from './api-keys.service.js';
import { KeyHoldersService } from './key-holders.service.js';
import { LastUse } from './last-use.js';
import { OverviewService } from './overview.service.js';

@Module({
  imports: [UsersModule],
  providers: [ApiKeysService, ApiKeyVerifier, KeyHoldersService, LastUse, OverviewService],
  exports: [UsersModule, ApiKeysService, ApiKeyVerifier, KeyHoldersService, OverviewService],
})
export class ApiKeysModule {}
