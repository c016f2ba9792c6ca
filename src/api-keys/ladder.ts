import type { EntityManager } from 'typeorm';
import { LatchkeyError } from '../latchkey.error.js';
import { isWithinNetworks } from '../users/networks.js';
import { restrictionsOf } from '../users/on-behalf-of.js';
import type { Actor } from '../users/principal.js';
import { isWithinScopes } from '../users/scopes.js';
import type { ApiSecret } from './api-secret.entity.js';

/**
 * Nobody gets more by a secret than that secret has: one made or changed by it has at most its scopes, and is good in its
 * networks at most.
 * @param wanted what the other secret will have.
 * @throws LatchkeyError `forbidden`, naming what is missing.
 */
export async function refuseLadder(
  manager: EntityManager,
  actor: Actor,
  wanted: Pick<ApiSecret, 'scopes' | 'allowedNetworks'>,
): Promise<void> {
  const { scopes, networks } = await restrictionsOf(manager, actor);
  if (!isWithinScopes(wanted.scopes, scopes)) {
    const missing = wanted.scopes?.filter((scope) => !isWithinScopes([scope], scopes));
    throw forbidden(missing ? `the scopes ${missing.join(', ')}` : 'no scopes, so everything that its user may');
  }
  if (!isWithinNetworks(wanted.allowedNetworks, networks)) {
    throw forbidden(
      wanted.allowedNetworks
        ? `the networks ${wanted.allowedNetworks.join(', ')}`
        : 'no networks, so good from anywhere',
    );
  }
}

function forbidden(what: string): LatchkeyError {
  return new LatchkeyError(
    'forbidden',
    `A secret can't make another one that is good for more than itself. That one would have ${what}.`,
  );
}
