import { Module } from '@nestjs/common';
import { AuditService } from './audit.service.js';
import { GatheredRefusals } from './gathered-refusals.js';
import { Retention } from './retention.js';

@Module({ providers: [AuditService, GatheredRefusals, Retention], exports: [AuditService, GatheredRefusals] })
export class AuditModule {}
