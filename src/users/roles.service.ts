import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../database/database.js';
import { isDuplicate, isForeignKey } from '../database/driver-errors.js';
import { invalid, LatchkeyError } from '../latchkey.error.js';
import { type Actor, audit, SYSTEM_MANAGER } from './principal.js';
import { Role } from './role.entity.js';
import { requireManager } from './user-name.js';

/** Which roles there are. Who holds them: UsersService. All methods need a System Manager. */
@Injectable()
export class RolesService {
  private readonly logger = new Logger('Roles');

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
    if (!/^[\p{L}\p{N}]([\p{L}\p{N} ._-]{0,138}[\p{L}\p{N}._-])?$/u.test(name)) {
      throw invalid(
        'name',
        'bad_name',
        'A role is named by 1 to 140 letters, digits, blanks, dots, dashes and underscores.',
      );
    }
    await this.database.change(async (manager) => {
      try {
        await manager.insert(Role, { name });
      } catch (error) {
        if (isDuplicate(error)) throw new LatchkeyError('conflict', `There is a role "${name}" already.`);
        throw error;
      }
    });
    audit(this.logger, actor, 'role.created', name);
  }

  /** @throws LatchkeyError `not_found`; `conflict` when it is built in or somebody holds it. */
  async delete(actor: Actor, name: string): Promise<void> {
    requireManager(actor);
    if (name === SYSTEM_MANAGER) throw new LatchkeyError('conflict', `The role "${name}" is built in.`);
    await this.database.change(async (manager) => {
      try {
        const { affected } = name.endsWith(' ') ? { affected: 0 } : await manager.delete(Role, { name });
        if (affected === 0) throw new LatchkeyError('not_found', 'There is no role of that name.');
      } catch (error) {
        if (isForeignKey(error)) throw new LatchkeyError('conflict', `The role "${name}" is held by somebody.`);
        throw error;
      }
    });
    audit(this.logger, actor, 'role.deleted', name);
  }
}
