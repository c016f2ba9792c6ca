import type { MigrationInterface } from 'typeorm';
import { CreateTables1764000000000 } from './1764000000000-create-tables.js';
import { SearchAndLastUse1764000000001 } from './1764000000001-search-and-last-use.js';
import { Sessions1764000000002 } from './1764000000002-sessions.js';
import { Revocation1764000000004 } from './1764000000004-revocation.js';
import { DeskLists1764000000003 } from './1764000000003-desk-lists.js';

/** Every migration of Latchkey's tables, oldest first, for the `migrations` of the DataSource that holds them. */
export const LATCHKEY_MIGRATIONS: (new () => MigrationInterface)[] = [
  CreateTables1764000000000,
  SearchAndLastUse1764000000001,
  Sessions1764000000002,
  DeskLists1764000000003,
  Revocation1764000000004,
];

/** What the newest migration adds last: whether it is there tells of tables whose migrations a host keeps account of. */
export const NEWEST_COLUMN = { table: 'lk_revision', column: 'tag' };
