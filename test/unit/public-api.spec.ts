import { expect, it } from '@jest/globals';
import * as latchkey from '../../src/index.js';

it('the package exports this, and nothing else', () => {
  expect(Object.keys(latchkey).toSorted()).toEqual([
    'AnyScope',
    'ApiKeyAuthGuard',
    'ApiKeyVerifier',
    'ApiKeysService',
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
    'UsersService',
    'hasScope',
  ]);
});
