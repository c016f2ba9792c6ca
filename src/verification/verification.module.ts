import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { LATCHKEY_OPTIONS } from '../database/own-database.js';
import { Lease } from '../revocation/lease.js';
import { ApiKeyVerifier } from './api-key.verifier.js';
import { LastUse } from './last-use.js';
import { Shares } from './shares.js';
import { VERIFIER_OPTIONS } from './verifier-options.js';

// The lease is provided here, beside the one cache that follows it.
@Module({
  imports: [AuditModule],
  providers: [ApiKeyVerifier, { provide: VERIFIER_OPTIONS, useExisting: LATCHKEY_OPTIONS }, LastUse, Lease, Shares],
  exports: [ApiKeyVerifier, Lease, Shares],
})
export class VerificationModule {}
