import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.js';
import { ApiKeysService } from './api-keys.service.js';
import { KeyOwnersService } from './key-owners.service.js';
import { OverviewService } from './overview.service.js';

@Module({
  imports: [UsersModule],
  providers: [ApiKeysService, KeyOwnersService, OverviewService],
  exports: [UsersModule, ApiKeysService, KeyOwnersService, OverviewService],
})
export class ApiKeysModule {}
