import { record } from '../audit/trail.js';
import { Injectable } from '../nest-core.js';
import { Database } from '../database/database.js';
import { isDuplicate, isForeignKey } from '../database/driver-errors.js';
import { LatchkeyError } from '../latchkey.error.js';
import { onBehalfOf } from './on-behalf-of.js';
import { type Actor, SYSTEM_MANAGER } from './principal.js';
import { Role } from './role.entity.js';
import { requireRoleScope } from './scoped-actor.js';
import { checkRoleName, requireManager } from './user-name.js';

/** The roles that exist. UsersService knows who has them. All methods need a System Manager. */
@Injectable()
export class RolesService {
  constructor(private readonly database: Database) {}

  /** All names, sorted. */
  async list(actor: Actor): Promise<string[]> {
    requireManager(actor);
    const roles = await this.database.read((manager) => manager.find(Role, { order: { name: 'ASC' } }));
    return roles.map(({ name }) => name);
  }

  /** @throws LatchkeyError `validation_failed`; `conflict` when there is one of that name. */
  async create(actor: Actor, name: string): Promise<void> {
    requireManager(actor);
    requireRoleScope(actor, { given: [name], taken: [] }); // else UsersService.ensure would make roles that it can't give
    checkRoleName(name);
    await this.database.change(onBehalfOf(actor), async (manager) => {
      try {
        await manager.insert(Role, { name });
      } catch (error) {
        if (isDuplicate(error)) throw new LatchkeyError('conflict', `There is a role "${name}" already.`);
        throw error;
      }
      record(manager, actor, 'role.created', { subject: name });
    });
  }

  /** Creates the role when it does not exist. */
  async ensure(actor: Actor, name: string): Promise<void> {
    requireManager(actor);
    const [known] = await this.database.read((manager) => manager.findBy(Role, { name }));
    if (known?.name === name) return;
    await this.create(actor, name).catch((error: unknown) => {
      if (!(error instanceof LatchkeyError && error.code === 'conflict')) throw error; // else it was created meanwhile
    });
  }

  /** @throws LatchkeyError `not_found`; `conflict` when it is built in or somebody has it. */
  async delete(actor: Actor, name: string): Promise<void> {
    requireManager(actor);
    if (name === SYSTEM_MANAGER) throw new LatchkeyError('conflict', `The role "${name}" is built in.`);
    await this.database.change(onBehalfOf(actor), async (manager) => {
      try {
        const { affected } = name.endsWith(' ') ? { affected: 0 } : await manager.delete(Role, { name });
        if (affected === 0) throw new LatchkeyError('not_found', 'There is no role of that name.');
      } catch (error) {
        if (isForeignKey(error)) throw new LatchkeyError('conflict', `The role "${name}" is held by somebody.`);
        throw error;
      }
      record(manager, actor, 'role.deleted', { subject: name });
    });
  }
}
