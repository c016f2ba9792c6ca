import { AuditRow } from './audit/audit-row.entity.js';
import { ApiKey } from './api-keys/api-key.entity.js';
import { ApiSecret } from './api-keys/api-secret.entity.js';
import { Scope } from './api-keys/scope.entity.js';
import { Password } from './sessions/password.entity.js';
import { Session } from './sessions/session.entity.js';
import { Usage, UsageWriter } from './usage/usage.entity.js';
import { Role } from './users/role.entity.js';
import { UserRole } from './users/user-role.entity.js';
import { UserWord } from './users/user-word.entity.js';
import { User } from './users/user.entity.js';

/** Every entity of Latchkey's core, for the `entities` of the DataSource that holds its tables. */
export const LATCHKEY_ENTITIES = [
  User,
  UserWord,
  Role,
  UserRole,
  ApiKey,
  ApiSecret,
  Scope,
  Password,
  Session,
  AuditRow,
  Usage,
  UsageWriter,
];
