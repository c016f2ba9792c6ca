import { Inject, Injectable, Logger, Optional } from '../nest-core.js';
import { everyHour } from '../database/every-hour.js';
import { LATCHKEY_OPTIONS } from '../database/own-database.js';
import type { AuditOptions } from './audit-options.js';
import { AuditService } from './audit.service.js';

/** Deletes rows of the audit trail that are old, each hour. */
@Injectable()
export class Retention {
  private end: (() => void) | undefined;

  constructor(
    private readonly audit: AuditService,
    @Optional() @Inject(LATCHKEY_OPTIONS) private readonly options: AuditOptions = {},
  ) {}

  onApplicationBootstrap(): void {
    const { auditDays = 400 } = this.options;
    const purge = () => this.audit.purge(auditDays);
    if (auditDays > 0) this.end = everyHour(new Logger('Audit'), 'delete old rows of the audit trail', purge);
  }

  onApplicationShutdown(): void {
    this.end?.();
  }
}
