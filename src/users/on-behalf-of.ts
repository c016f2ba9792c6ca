import type { EntityManager } from 'typeorm';
import type { ChangeFor } from '../database/database.js';
import { engineOf } from '../database/engines/index.js';
import { parseList } from '../database/list.js';
import { LatchkeyError } from '../latchkey.error.js';
import { Networks } from './networks.js';
import {
  type Actor,
  actorName,
  BAD_CREDENTIALS,
  type Credential,
  isByToken,
  OPERATOR,
  SESSION_ENDED,
  SYSTEM_MANAGER,
} from './principal.js';
import { isWithinScopes } from './scopes.js';
import { isManager, requireManager } from './user-name.js';

interface Intent {
  /** The name of the user whose rows will be changed, when that is known. */
  readonly target?: string;
  readonly takesPower?: boolean;
}

/**
 * A change that this actor has asked for. The actor's power was checked when the request came, and is checked again in
 * the transaction. From then until COMMIT nobody can take it away, since every call that does so locks the same user
 * first. So no change commits after the answer of a call that took the power of its actor.
 */
export function onBehalfOf(actor: Actor, { target, takesPower = false }: Intent = {}): ChangeFor {
  const turn = { name: actorName(actor), takesPower };
  if (actor === OPERATOR) return turn;
  return {
    ...turn,
    confirm: async (manager) => {
      // In the order of the names, as every change does: else two managers who change each other would deadlock.
      const names = target === undefined ? [actor.name] : [...new Set([actor.name, target])].toSorted();
      for (const name of names) await lockUserRow(manager, name, name === target ? 'alone' : 'shared');
      const { isProved, holdsRole, scopes, networks } = await powerOf(manager, actor.name, actor.credential);
      if (!isProved) throw new LatchkeyError('unauthenticated', isByToken(actor) ? BAD_CREDENTIALS : SESSION_ENDED);
      if (!isWithinScopes(actor.credential.scopes, scopes)) throw lost('Scopes');
      const { address } = actor.origin ?? {};
      if (networks && address !== undefined && !new Networks(networks).includes(address)) throw lost('Networks');
      if (isManager(actor)) requireManager({ ...actor, roles: holdsRole ? [SYSTEM_MANAGER] : [] });
    },
  };
}

/**
 * Locks the row of a user until the end of the transaction: `shared` keeps others from changing it, `alone` also from
 * locking it. SQLite's transactions lock everything.
 */
export async function lockUserRow(manager: EntityManager, name: string, how: 'shared' | 'alone'): Promise<void> {
  const { forShare, forUpdate } = engineOf(manager.dataSource).sql;
  const mode = how === 'alone' ? forUpdate : forShare;
  if (mode === '') return;
  await manager.query(`SELECT id FROM lk_users WHERE name = ? ${mode}`, [name]);
}

const BY_SECRET = `
  lk_api_secrets c JOIN lk_api_keys k ON k.api_key = c.api_key JOIN lk_users u ON u.id = k.user_id
   WHERE c.id = ? AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > ?)`;
const BY_SESSION = `
  lk_sessions c JOIN lk_users u ON u.id = c.user_id
   WHERE c.id = ? AND c.expires_at > ?`;

/** What a secret may, and from where; null where it is not restricted, and for who acts by no secret. */
export interface Restrictions {
  readonly scopes: string[] | null;
  readonly networks: string[] | null;
}

/** For a transaction that was confirmed: the restrictions of the secret by which the actor acts. Nobody changes them until COMMIT. */
export async function restrictionsOf(manager: EntityManager, actor: Actor): Promise<Restrictions> {
  if (actor === OPERATOR || actor.credential.type !== 'api-key') return { scopes: null, networks: null };
  return powerOf(manager, actor.name, actor.credential);
}

interface Power extends Restrictions {
  readonly isProved: boolean;
  readonly holdsRole: boolean;
}

/**
 * Whether the credential still proves that user, and whether the user has the role System Manager. It is a statement of
 * its own, after the lock: together with the lock, an engine could read as of a moment before it had the lock.
 */
async function powerOf(manager: EntityManager, name: string, credential: Credential): Promise<Power> {
  const [from, id] =
    credential.type === 'session' ? [BY_SESSION, credential.sessionId] : [BY_SECRET, credential.secretId];
  const restrictions = credential.type === 'session' ? '' : ', c.scopes, c.allowed_networks AS networks';
  const sql = `
    SELECT u.name${restrictions}, EXISTS (SELECT 1 FROM lk_user_roles r WHERE r.user_id = u.id AND r.role = ?) AS holdsRole
      FROM ${from} AND u.enabled = 1`;
  const [row] = (await manager.query(sql, [SYSTEM_MANAGER, id, Date.now()])) as {
    name: string;
    holdsRole: number | string | boolean;
    scopes?: string | null;
    networks?: string | null;
  }[];
  return {
    isProved: row?.name === name,
    holdsRole: row !== undefined && Number(row.holdsRole) === 1,
    // A credential that is gone may nothing.
    scopes: row ? parseList(row.scopes ?? null) : [],
    networks: row ? parseList(row.networks ?? null) : [],
  };
}

function lost(what: string): LatchkeyError {
  return new LatchkeyError('forbidden', `${what} of this secret have just been taken away.`);
}
