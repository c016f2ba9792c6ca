import { record } from '../audit/trail.js';
import { Injectable } from '../nest-core.js';
import { invalid, LatchkeyError } from '../latchkey.error.js';
import { restrictionsOf } from '../users/on-behalf-of.js';
import { type Actor, actorName, isByToken, OPERATOR } from '../users/principal.js';
import { refuseScoped } from '../users/scoped-actor.js';
import { requireManager, typedName } from '../users/user-name.js';
import type { UserRecord } from '../users/user-rows.js';
import {
  type Condition,
  requireSight,
  type TransactionHook,
  type UserChanges,
  UsersService,
} from '../users/users.service.js';
import { checkPassword } from './password-rule.js';
import { Passwords } from './passwords.js';
import { endSessions, savePassword } from './session-rows.js';
import { SessionsService } from './sessions.service.js';

const NEEDS_ANYWHERE =
  'A secret that is good in its networks alone sets no password, which would be good from anywhere.';

interface PasswordChange {
  readonly password?: string;
  /** The password until now. Needed by a user who changes the own password. */
  readonly currentPassword?: string;
  /** Makes the new password a one-time password, valid until then: it is only good for choosing another one. */
  readonly oneTimeUntil?: Date;
}

/**
 * Users with their passwords. Throws what UsersService throws, and `session_required` and `too_many_requests`.
 */
@Injectable()
export class AccountsService {
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

  /** A new password ends all sessions of that user, except the one that changes it. */
  async update(
    actor: Actor,
    typed: string,
    { password, currentPassword, oneTimeUntil, ...changes }: UserChanges & PasswordChange,
    condition: Condition = {},
  ): Promise<UserRecord> {
    const name = typedName(typed);
    if (password === undefined) {
      if (currentPassword === undefined) return this.users.update(actor, name, changes, condition);
      throw invalid('currentPassword', 'not_needed', '`currentPassword` is for changing `password`.');
    }
    requireSight(actor, name);
    const own = actorName(actor) === name;
    if (!own) requireManager(actor);
    for (;;) {
      const checkedHash = own ? await this.requireCurrent(actor, name, currentPassword) : undefined;
      const save = await this.saving(actor, password, { oneTimeUntil, checkedHash });
      try {
        return await this.users.update(actor, name, changes, condition, save);
      } catch (error) {
        if (!(error instanceof PasswordReplaced)) throw error; // else the password was replaced meanwhile: check again
      }
    }
  }

  private async saving(
    actor: Actor,
    password: string,
    { oneTimeUntil, checkedHash }: { oneTimeUntil?: Date; checkedHash?: string } = {},
  ): Promise<TransactionHook> {
    refuseScoped(actor);
    checkPassword(password);
    const hash = await this.passwords.hash(password);
    const kept = sessionOf(actor);
    return async (manager, { id: userId, name: subject }) => {
      if ((await restrictionsOf(manager, actor)).networks) throw new LatchkeyError('forbidden', NEEDS_ANYWHERE);
      if (!(await savePassword(manager, userId, { hash, oneTimeUntil, checkedHash }))) throw new PasswordReplaced();
      const endedSessions = await endSessions(manager, userId, kept);
      record(manager, actor, 'password.changed', { subject, details: { oneTimeUntil, endedSessions } });
    };
  }

  /** @returns the stored hash of the password that was checked; undefined for the operator, who needs no password. */
  private async requireCurrent(actor: Actor, name: string, current: string | undefined): Promise<string | undefined> {
    if (actor === OPERATOR) return undefined;
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
    // A session proves as well as a device cookie that this browser was logged in before.
    const found = await this.sessions.check(name, current, { address, requestId }, sessionOf(actor));
    if (!found) throw invalid('currentPassword', 'wrong_password', 'That is not your password.');
    return found.hash ?? undefined;
  }
}

function sessionOf(actor: Actor): string | undefined {
  return actor !== OPERATOR && actor.credential.type === 'session' ? actor.credential.sessionId : undefined;
}

/** The stored password is no longer the one that was checked. */
class PasswordReplaced extends Error {}
