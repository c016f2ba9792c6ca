import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccountsService } from './accounts.service.js';
import { Guesses } from './guesses.js';
import { Passwords } from './passwords.js';
import { SessionVerifier } from './session-verifier.js';
import { SessionsService } from './sessions.service.js';

@Module({
  imports: [UsersModule, AuditModule],
  providers: [SessionsService, SessionVerifier, AccountsService, Passwords, Guesses],
  exports: [SessionsService, SessionVerifier, AccountsService],
})
export class SessionsModule {}
