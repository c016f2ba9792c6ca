import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module.js';
import { ApiKeysService } from './api-keys.service.js';
import { KeyHoldersService } from './key-holders.service.js';
import { OverviewService } from './overview.service.js';

@Module({
  imports: [UsersModule],
  providers: [ApiKeysService, KeyHoldersService, OverviewService],
  exports: [UsersModule, ApiKeysService, KeyHoldersService, OverviewService],
})
export class ApiKeysModule {}
