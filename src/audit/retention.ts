import { Inject, Injectable, Logger, Optional } from '../nest-core.js';
import { LATCHKEY_OPTIONS } from '../database/own-database.js';
import type { AuditOptions } from './audit-options.js';
import { AuditService } from './audit.service.js';

const INTERVAL_MS = 60 * 60_000;
/** A start has other things to do. */
const FIRST_MS = 60_000;

/** Deletes rows of the audit trail that are old, each hour. */
@Injectable()
export class Retention {
  private readonly logger = new Logger('Audit');
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly audit: AuditService,
    @Optional() @Inject(LATCHKEY_OPTIONS) private readonly options: AuditOptions = {},
  ) {}

  onApplicationBootstrap(): void {
    const { auditDays = 400 } = this.options;
    if (auditDays > 0) this.purgeIn(FIRST_MS, auditDays);
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
  }

  private purgeIn(ms: number, days: number): void {
    const purge = async () => {
      await this.audit
        .purge(days)
        .catch((error: Error) => this.logger.warn(`Could not delete old rows of the audit trail. ${error.message}`));
      this.purgeIn(INTERVAL_MS, days);
    };
    this.timer = setTimeout(() => void purge(), ms).unref();
  }
}
