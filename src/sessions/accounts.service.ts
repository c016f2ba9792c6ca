import { Injectable, Logger } from '@nestjs/common';
import { invalid, LatchkeyError } from '../latchkey.error.js';
import { type Actor, actorName, audit, isByToken, OPERATOR } from '../users/principal.js';
import { requireManager } from '../users/user-name.js';
import type { UserRecord } from '../users/user-rows.js';
import { type Also, type Condition, requireSight, type UserChanges, UsersService } from '../users/users.service.js';
import { checkPassword, Passwords } from './passwords.js';
import { endSessions, savePassword } from './session-rows.js';
import { SessionsService } from './sessions.service.js';

interface PasswordChange {
  readonly password?: string;
  /** The one until now: needed by who changes one's own. */
  readonly currentPassword?: string;
  /** The new one is only good for choosing another one, until then. */
  readonly oneTimeUntil?: Date;
}

/**
 * Users together with their passwords. Throws what UsersService throws, and `session_required` and `too_many_requests`.
 */
@Injectable()
export class AccountsService {
  private readonly logger = new Logger('Accounts');

  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly passwords: Passwords,
  ) {}

  async create(
    actor: Actor,
    { password, ...user }: Parameters<UsersService['create']>[1] & { password?: string },
  ): Promise<UserRecord> {
    requireManager(actor);
    const save = password === undefined ? undefined : await this.saving(actor, password);
    return this.users.create(actor, user, save);
  }

  /** A new password ends all sessions of that user but the one that it is changed with. */
  async update(
    actor: Actor,
    name: string,
    { password, currentPassword, oneTimeUntil, ...changes }: UserChanges & PasswordChange,
    condition: Condition = {},
  ): Promise<UserRecord> {
    if (password === undefined) {
      if (currentPassword === undefined) return this.users.update(actor, name, changes, condition);
      throw invalid('currentPassword', 'not_needed', '`currentPassword` is for changing `password`.');
    }
    requireSight(actor, name);
    const own = actorName(actor) === name;
    if (own) await this.requireCurrent(actor, name, currentPassword);
    else requireManager(actor);
    const save = await this.saving(actor, password, oneTimeUntil);
    const user = await this.users.update(actor, name, changes, condition, save);
    audit(this.logger, actor, 'password.changed', name);
    return user;
  }

  private async saving(actor: Actor, password: string, oneTimeUntil?: Date): Promise<Also> {
    checkPassword(password);
    const hash = await this.passwords.hash(password);
    const kept = actor !== OPERATOR && actor.credential.type === 'session' ? actor.credential.sessionId : undefined;
    return async (manager, userId) => {
      await savePassword(manager, userId, { hash, oneTimeUntil });
      await endSessions(manager, userId, kept);
    };
  }

  private async requireCurrent(actor: Actor, name: string, current: string | undefined): Promise<void> {
    if (actor === OPERATOR) return;
    if (isByToken(actor)) {
      throw new LatchkeyError('session_required', 'Your own password is changed with a session: log in first.');
    }
    if (current === undefined) {
      throw invalid(
        'currentPassword',
        'current_password_required',
        'Your own password needs `currentPassword` beside it.',
      );
    }
    const { address = '', requestId = '' } = actor.origin ?? {};
    if (!(await this.sessions.check(name, current, { address, requestId }))) {
      throw invalid('currentPassword', 'wrong_password', 'That is not your password.');
    }
  }
}
