import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.js';
import { ApiKeyVerifier } from './api-key.verifier.js';
import { ApiKeysService } from './api-keys.service.js';
import { LastUse } from './last-use.js';

@Module({
  imports: [UsersModule],
  providers: [ApiKeysService, ApiKeyVerifier, LastUse],
  exports: [UsersModule, ApiKeysService, ApiKeyVerifier],
})
export class ApiKeysModule {}
