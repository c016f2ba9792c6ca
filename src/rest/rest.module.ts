import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { ApiKeysController } from './api-keys.controller.js';
import { AuditController, OwnAuditController } from './audit.controller.js';
import { MeController } from './me.controller.js';
import { OverviewController } from './overview.controller.js';
import { RolesController } from './roles.controller.js';
import { ScopesController } from './scopes.controller.js';
import { SecretsController } from './secrets.controller.js';
import { SessionController } from './session.controller.js';
import { UsageModule } from '../usage/usage.module.js';
import { UsageController } from './usage.controller.js';
import { UserSessionsController } from './user-sessions.controller.js';
import { UsersController } from './users.controller.js';

/** The REST API under /v1. */
@Module({
  imports: [ApiKeysModule, AuditModule, UsageModule],
  controllers: [
    MeController,
    OwnAuditController,
    AuditController,
    UsageController,
    SessionController,
    UsersController,
    UserSessionsController,
    RolesController,
    ApiKeysController,
    SecretsController,
    ScopesController,
    OverviewController,
  ],
})
export class RestModule {}
