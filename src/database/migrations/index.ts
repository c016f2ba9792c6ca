import type { MigrationInterface } from 'typeorm';
import { CreateTables1764000000000 } from './1764000000000-create-tables.js';
import { SeveralSecrets1767000000000 } from './1767000000000-several-secrets.js';
import { AuditTrail1770000000000 } from './1770000000000-audit-trail.js';
import { UsageAndLimits1773000000000 } from './1773000000000-usage-and-limits.js';

/** Every migration of Latchkey's tables, oldest first, for the `migrations` of the DataSource that holds them. */
export const LATCHKEY_MIGRATIONS: (new () => MigrationInterface)[] = [
  CreateTables1764000000000,
  SeveralSecrets1767000000000,
  AuditTrail1770000000000,
  UsageAndLimits1773000000000,
];

/**
 * What the newest migration adds last. Where a host keeps the list of migrations that ran, this column tells whether the
 * tables are up to date.
 */
export const NEWEST_COLUMN = { table: 'lk_api_secrets', column: 'limits' };
