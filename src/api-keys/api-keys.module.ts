import { Module } from '@nestjs/common';
import { LATCHKEY_OPTIONS } from '../database/database.module.js';
import { Lease } from '../revocation/lease.js';
import { UsersModule } from '../users/users.module.js';
import { ApiKeyVerifier, VERIFIER_OPTIONS } from './api-key.verifier.js';
import { ApiKeysService } from './api-keys.service.js';
import { KeyHoldersService } from './key-holders.service.js';
import { LastUse } from './last-use.js';
import { OverviewService } from './overview.service.js';

@Module({
  imports: [UsersModule],
  providers: [
    ApiKeysService,
    ApiKeyVerifier,
    { provide: VERIFIER_OPTIONS, useExisting: LATCHKEY_OPTIONS },
    KeyHoldersService,
    LastUse,
    Lease,
    OverviewService,
  ],
  exports: [UsersModule, ApiKeysService, ApiKeyVerifier, KeyHoldersService, Lease, OverviewService],
})
export class ApiKeysModule {}
