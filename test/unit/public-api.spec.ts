import { expect, it } from '@jest/globals';
import * as latchkey from '../../src/index.js';

it('the package exports this, and nothing else', () => {
  expect(Object.keys(latchkey).toSorted()).toEqual([
    'AUDIT_EVENTS',
    'AnyScope',
    'ApiKeyAuthGuard',
    'ApiKeyVerifier',
    'ApiKeysService',
    'AuditService',
    'AuthModule',
    'CurrentPrincipal',
    'LATCHKEY_ENTITIES',
    'LATCHKEY_MIGRATIONS',
    'LatchkeyError',
    'OPERATOR',
    'Public',
    'Roles',
    'RolesGuard',
    'SYSTEM_MANAGER',
    'Scopes',
    'ScopesService',
    'UsageService',
    'UsersService',
    'hasScope',
  ]);
});
