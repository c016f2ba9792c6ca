import { Injectable } from '../nest-core.js';
import { And, type EntityManager, In, LessThan, MoreThanOrEqual } from 'typeorm';
import { record, recordNothing } from '../audit/trail.js';
import { Database } from '../database/database.js';
import { isDuplicate } from '../database/driver-errors.js';
import { afterPrefix } from '../database/search-key.js';
import { invalid, LatchkeyError } from '../latchkey.error.js';
import { onBehalfOf } from '../users/on-behalf-of.js';
import { type Actor, OPERATOR } from '../users/principal.js';
import { coveredBy, hasStar, isScope, MAX_SCOPE, OWN_SCOPES, prefixOf } from '../users/scopes.js';
import { checkText, requireManager, shown } from '../users/user-name.js';
import { Scope } from './scope.entity.js';

export interface ScopeRecord {
  readonly name: string;
  readonly description: string;
}

const DESCRIPTION = { field: 'description', code: 'bad_description', what: 'A description', most: 200 };

/** A secret that is live or retiring, by one of so many scopes in its list as JSON. */
const holder = (count: number) => `
  SELECT s.id FROM lk_api_secrets s
   WHERE s.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > ?)
     AND (${Array<string>(count).fill("s.scopes LIKE ? ESCAPE '!'").join(' OR ')}) LIMIT 1`;

/** The scopes that secrets may be given. All methods of a caller need a System Manager. */
@Injectable()
export class ScopesService {
  constructor(private readonly database: Database) {}

  /** All, by name. */
  async list(actor: Actor): Promise<ScopeRecord[]> {
    requireManager(actor);
    const scopes = await this.database.read((manager) => manager.find(Scope, { order: { name: 'ASC' } }));
    return scopes.map(({ name, description }) => ({ name, description }));
  }

  /** @throws LatchkeyError `validation_failed`; `conflict` when there is one of that name. */
  async create(actor: Actor, input: ScopeRecord): Promise<ScopeRecord> {
    requireManager(actor);
    const scope = checkScope(input);
    await this.database.change(onBehalfOf(actor), async (manager) => {
      try {
        await manager.insert(Scope, { ...scope }); // which it fills in
      } catch (error) {
        if (isDuplicate(error)) throw new LatchkeyError('conflict', `There is a scope "${scope.name}" already.`);
        throw error;
      }
      record(manager, actor, 'scope.created', entryOf(scope));
    });
    return scope;
  }

  /** Creates those of an app that do not exist, and gives the others its descriptions. */
  async ensure(scopes: Readonly<Record<string, string>>): Promise<void> {
    const wanted = Object.entries(scopes).map(([name, description]) => checkScope({ name, description }));
    const names = wanted.map(({ name }) => name);
    const known = await this.database.read((manager) => manager.findBy(Scope, { name: In(names) }));
    for (const { name, description } of wanted) {
      const existing = known.find((scope) => scope.name === name);
      if (existing?.description === description) continue; // as at every start but the first
      await this.database.change(onBehalfOf(OPERATOR), async (manager) => {
        if (existing) {
          const { affected } = await manager.update(
            Scope,
            { name, description: existing.description },
            { description },
          );
          if (affected === 0) return recordNothing(manager); // another process has changed or deleted it meanwhile
          const details = { description: { before: existing.description, after: description } };
          return record(manager, OPERATOR, 'scope.changed', { subject: name, details });
        }
        try {
          await manager.insert(Scope, { name, description });
        } catch (error) {
          if (!isDuplicate(error)) throw error;
          return recordNothing(manager); // another process has created it meanwhile
        }
        record(manager, OPERATOR, 'scope.created', entryOf({ name, description }));
      });
    }
  }

  /** @throws LatchkeyError `not_found`; `conflict` when it is built in, or a secret that is not dead has it. */
  async delete(actor: Actor, name: string): Promise<void> {
    requireManager(actor);
    if ((OWN_SCOPES as readonly string[]).includes(name)) {
      throw new LatchkeyError('conflict', `The scope "${name}" is built in.`);
    }
    for (;;) {
      const scope = isScope(name) && (await this.database.read((manager) => manager.findOneBy(Scope, { name })));
      if (!scope) throw new LatchkeyError('not_found', 'There is no scope of that name.');
      const patterns = coveredBy(name).map((granted) => `%"${granted.replaceAll('_', '!_')}"%`);
      const [held] = await this.database.select(holder(patterns.length), [Date.now(), ...patterns]);
      if (held) throw new LatchkeyError('conflict', `The scope "${name}" is held by a secret.`);
      // Where it was granted since it was read, the search may have missed that secret: search again.
      const isDeleted = await this.database.change(onBehalfOf(actor), async (manager) => {
        const { affected } = await manager.delete(Scope, { name, grants: scope.grants });
        if (affected === 0) recordNothing(manager);
        else record(manager, actor, 'scope.deleted', entryOf(scope));
        return affected !== 0;
      });
      if (isDeleted) return;
    }
  }
}

/**
 * For the transaction that gives scopes to a secret.
 * @throws LatchkeyError `validation_failed` when one is not known, or is a star with nothing below it.
 */
export async function grantScopes(manager: EntityManager, scopes: readonly string[]): Promise<void> {
  // Each write tells whether the scope is there now; a read could be as of a moment before it was deleted.
  for (const scope of scopes.toSorted()) {
    const prefix = prefixOf(scope);
    const name = hasStar(scope) ? And(MoreThanOrEqual(prefix), LessThan(afterPrefix(prefix))) : scope;
    const { affected } = await manager.increment(Scope, { name }, 'grants', 1);
    if (affected === 0) throw unknownScope(`There is no scope ${hasStar(scope) ? 'below ' : ''}"${shown(scope)}".`);
  }
}

function entryOf({ name, description }: ScopeRecord) {
  return { subject: name, details: { description } };
}

function unknownScope(message: string): LatchkeyError {
  return invalid('scopes', 'unknown_scope', message);
}

function checkScope({ name, description }: ScopeRecord): ScopeRecord {
  if (!isScope(name)) {
    const rule = `a to z, digits, ".", "_" and "-", in parts joined by ":", at most ${MAX_SCOPE} characters`;
    throw invalid('name', 'bad_name', `A scope is named by ${rule}, as in reports:read.`);
  }
  return { name, description: checkText(description, DESCRIPTION) };
}
