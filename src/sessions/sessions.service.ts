import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger, Optional } from '../nest-core.js';
import { GatheredRefusals } from '../audit/gathered-refusals.js';
import { record, recordNothing } from '../audit/trail.js';
import { Rejected } from '../database/bulkhead.js';
import { Database, UPKEEP } from '../database/database.js';
import { LATCHKEY_OPTIONS } from '../database/own-database.js';
import { invalid, LatchkeyError } from '../latchkey.error.js';
import { lockUserRow, onBehalfOf } from '../users/on-behalf-of.js';
import { type Actor, isByToken, OPERATOR, type Origin, type Principal } from '../users/principal.js';
import { typedName } from '../users/user-name.js';
import { loadUser, type UserRecord } from '../users/user-rows.js';
import { UsersService } from '../users/users.service.js';
import { Guesses } from './guesses.js';
import { Password } from './password.entity.js';
import { checkPassword } from './password-rule.js';
import { Passwords } from './passwords.js';
import { Session } from './session.entity.js';
import { endSessions, forgetExpired, insertSession, isLive } from './session-rows.js';
import { type Device, deviceIn, digestOf, makeDevice, makeSessionSecret } from './session-secret.js';

export interface LogIn {
  readonly user: string;
  readonly password: string;
  /** The new password. Needed when `password` is a one-time password, and refused when it is not. */
  readonly newPassword?: string;
}

/** The cookies that a log-in request has, if any. */
export interface Presented {
  /** The secret of a session: that session ends. */
  readonly session?: string;
  /** The value of a device cookie: this browser has logged in before. */
  readonly device?: string;
}

/** A new session, with the values of its cookies. */
export interface NewSession {
  readonly principal: Principal;
  readonly secret: string;
  readonly expiresAt: Date;
  readonly device: Device;
}

export type SessionRecord = Pick<Session, 'id' | 'address' | 'userAgent' | 'createdAt' | 'lastSeenAt' | 'expiresAt'>;

interface Found {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean | number;
  readonly hash: string | null;
  readonly oneTimeUntil: number | string | null;
}

const PASSWORD = `
  SELECT u.id, u.name, u.enabled, p.hash, p.one_time_until AS oneTimeUntil
    FROM lk_users u LEFT JOIN lk_passwords p ON p.user_id = u.id
   WHERE u.name = ?`;

interface SessionOwner {
  readonly id: string;
  readonly name: string;
  readonly fullName: string;
}

/** The user of a session. */
const OWNER = `
  SELECT s.id, u.name, u.full_name AS fullName FROM lk_sessions s JOIN lk_users u ON u.id = s.user_id WHERE s.digest = ?`;

const BAD_LOG_IN = 'The user or the password is not right.';
const PURGE_MS = 60 * 60 * 1000;
const MAX_NAME = 200;
/**
 * The delay of a 429. Without it, callers who try again at once, on many connections, would starve callers with tokens.
 */
const REFUSAL_MS = 250;

/** Log-in, log-out, and the list of sessions. */
@Injectable()
export class SessionsService {
  private readonly logger = new Logger('Sessions');
  private purged = 0;

  constructor(
    private readonly database: Database,
    private readonly users: UsersService,
    private readonly passwords: Passwords,
    private readonly guesses: Guesses,
    @Optional()
    @Inject(LATCHKEY_OPTIONS)
    private readonly options: { readonly recordAddresses?: boolean } = {},
    @Optional() private readonly refusals?: GatheredRefusals,
  ) {
    // a deletion removes them by foreign key
    users.onDisable(async (manager, { id }) => void (await endSessions(manager, id)));
  }

  /**
   * Opens a new session.
   * @throws LatchkeyError `unauthenticated`, the same for whatever is wrong; `validation_failed` on `newPassword` when
   * a new one has to be chosen, or this one is refused; `session_required`; `too_many_requests`; `unavailable`.
   */
  async logIn(
    actor: Actor | undefined,
    { user, password, newPassword }: LogIn,
    origin: Origin,
    presented: Presented = {},
  ): Promise<NewSession> {
    refuseToken(actor);
    const name = typedName(user).slice(0, MAX_NAME);
    const found = await this.check(name, password, origin, await this.knownDevice(name, presented.device));
    if (!found) throw new LatchkeyError('unauthenticated', BAD_LOG_IN);
    const hash = await this.newHash(found, password, newPassword);
    const secret = makeSessionSecret();
    if (presented.session !== undefined) await this.end(presented.session, origin);
    const opened = await this.database.change({ name, takesPower: false }, async (manager) => {
      await lockUserRow(manager, found.name, 'shared');
      const used = { usedAt: new Date(), ...(hash !== undefined && { hash, oneTimeUntil: null }) };
      // This is the lock that orders this with all that ends sessions, and the check that the password is still the same.
      const { affected } = await manager.update(Password, { userId: found.id, hash: found.hash! }, used);
      const owner = affected === 0 ? undefined : await loadUser(manager, found.name);
      // Changed in between. It is thrown, so that a new password is rolled back as well.
      if (!owner?.enabled || owner.id !== found.id) throw new LatchkeyError('unauthenticated', BAD_LOG_IN);
      const { session, ended } = await insertSession(manager, found.id, digestOf(secret), this.recorded(origin));
      const principal = toPrincipal(owner, session);
      const by = { ...principal, origin };
      if (hash !== undefined)
        record(manager, by, 'password.changed', { subject: name, details: { endedSessions: [] } });
      record(manager, by, 'session.opened', { subject: name, details: { session: session.id, endedSessions: ended } });
      return { principal, expiresAt: session.expiresAt };
    });
    this.purge();
    return { ...opened, secret, device: makeDevice(found.id, hash ?? found.hash!) };
  }

  /** What is kept of where a log-in came from. */
  private recorded({ address, userAgent }: Origin): { address: string; userAgent?: string | undefined } {
    return this.options.recordAddresses === false ? { address: '' } : { address, userAgent };
  }

  /** Ends the session of that secret, if there is one; repeatable. @throws LatchkeyError `session_required`. */
  async logOut(actor: Actor | undefined, secret: string | undefined): Promise<void> {
    refuseToken(actor);
    // A caller without a session has none to end, and waits in no queue.
    if (secret === undefined || actor === undefined) return;
    await this.end(secret, actor === OPERATOR ? undefined : actor.origin);
  }

  /** Ends the session of that secret, if there is one. Whoever has the secret may do that. */
  private async end(secret: string, origin: Origin | undefined): Promise<void> {
    const [session] = await this.database.select<SessionOwner>(OWNER, [digestOf(secret)]);
    if (!session) return;
    const { id, name, fullName } = session;
    const by = { ...toPrincipal({ name, fullName, roles: [] }, { id }), ...(origin && { origin }) };
    await this.database.change({ name, takesPower: true }, async (manager) => {
      await lockUserRow(manager, name, 'alone'); // after a change by this session that is under way
      const { affected } = await manager.delete(Session, { id });
      if (affected === 0) return recordNothing(manager);
      record(manager, by, 'session.ended', { subject: name, details: { sessions: [id] } });
    });
  }

  /** The open sessions of a user, last used first. Managers may list anybody's, others their own. */
  async list(actor: Actor, user: string): Promise<SessionRecord[]> {
    const { id: userId } = await this.users.find(actor, user);
    const sessions = await this.database.read((manager) =>
      manager.find(Session, { where: { userId }, order: { lastSeenAt: 'DESC', id: 'DESC' } }),
    );
    return sessions.filter((session) => isLive(session));
  }

  /** Ends one session of a user. @throws LatchkeyError `not_found` when it is not open. */
  async endOne(actor: Actor, user: string, id: string): Promise<void> {
    const { id: userId, name } = await this.users.find(actor, user);
    await this.database.change(onBehalfOf(actor, { target: name, takesPower: true }), async (manager) => {
      await lockUserRow(manager, name, 'alone'); // after a change by this session that is under way
      const { affected } = await manager.delete(Session, { id, userId });
      if (affected === 0) throw new LatchkeyError('not_found', 'There is no such session.');
      record(manager, actor, 'session.ended', { subject: name, details: { sessions: [id] } });
    });
  }

  /** Ends all sessions of a user, but the one with the id `except`. Repeatable. */
  async endAll(actor: Actor, user: string, { except }: { except?: string } = {}): Promise<void> {
    const { id, name } = await this.users.find(actor, user);
    await this.database.change(onBehalfOf(actor, { target: name, takesPower: true }), async (manager) => {
      await lockUserRow(manager, name, 'alone');
      const sessions = await endSessions(manager, id, except);
      if (sessions.length === 0) return recordNothing(manager);
      record(manager, actor, 'session.ended', { subject: name, details: { sessions } });
    });
  }

  /** Whether a user has a password, and whether that is a one-time password. */
  async passwordState(name: string): Promise<{ hasPassword: boolean; isOneTime: boolean }> {
    const [row] = await this.database.select<Found>(PASSWORD, [name]);
    return { hasPassword: row?.hash != null, isOneTime: row?.oneTimeUntil != null };
  }

  /**
   * The user, when the password is right and still valid. It takes as long when it is not.
   * @param device identifies a browser in which this user was logged in before; undefined when there is none.
   * @throws LatchkeyError `too_many_requests`, `unavailable`.
   */
  async check(
    name: string,
    password: string,
    { address, requestId }: Origin,
    device?: string,
  ): Promise<Found | undefined> {
    try {
      return await this.guesses.limit({ user: name, address, device }, async () => {
        let exists = false;
        const found = await this.passwords.matches(password, async () => {
          const row = await this.find(name);
          exists = row !== undefined;
          return row;
        });
        if (found && Number(found.enabled) && isGood(found)) return found;
        // People type passwords into the wrong field, so only names of existing users go into the log.
        this.logger.log({ event: 'password.refused', subject: exists ? name : 'unknown', address, requestId });
        const subject = exists ? name : null;
        const nobody = { actor: 'Guest', credential: null, apiKey: null };
        this.refusals?.add({ event: 'session.refused', ...nobody, subject, address });
        return undefined;
      });
    } catch (error) {
      if (error instanceof LatchkeyError && error.code === 'too_many_requests') await delay(REFUSAL_MS);
      throw error;
    }
  }

  /**
   * Identifies the browser of that cookie, when this user has logged in with it since the last change of the password. The
   * query waits in the queue of unknown callers, since anybody can make up a cookie. A caller who finds no place there is
   * treated as one without a cookie.
   */
  private async knownDevice(name: string, cookie: string | undefined): Promise<string | undefined> {
    const device = cookie === undefined ? undefined : deviceIn(cookie);
    if (!device) return undefined;
    const ask = async () => {
      const { id = '', hash = null } = (await this.find(name)) ?? {};
      return device.isOf(id, hash) ? device.nonce : undefined;
    };
    try {
      return await this.database.forUnknownCaller(ask, (nonce) => nonce !== undefined);
    } catch (error) {
      if (error instanceof Rejected) return undefined;
      throw error;
    }
  }

  private async find(name: string): Promise<Found | undefined> {
    const [row] = await this.database.select<Found>(PASSWORD, [name]);
    return row?.name === name ? row : undefined; // the engine may compare less strictly than we do
  }

  /** The hash of the new password, when a new one has to be chosen. */
  private async newHash({ oneTimeUntil }: Found, password: string, newPassword?: string): Promise<string | undefined> {
    if (oneTimeUntil === null) {
      if (newPassword === undefined) return undefined;
      throw invalid('newPassword', 'not_needed', 'This password is no one-time password: log in, then change it.');
    }
    if (newPassword === undefined) {
      const message = 'This one-time password is only good for choosing another one: send it as `newPassword`.';
      throw invalid('newPassword', 'new_password_required', message);
    }
    checkPassword(newPassword, 'newPassword');
    if (newPassword === password) throw invalid('newPassword', 'same_password', 'Choose another one.');
    return this.passwords.hash(newPassword);
  }

  /** No log-in waits for this, or fails with it. */
  private purge(): void {
    if (Date.now() - this.purged < PURGE_MS) return;
    this.purged = Date.now();
    this.database
      .change(UPKEEP, (manager) => forgetExpired(manager))
      .catch((error: Error) => this.logger.warn(`Could not remove expired sessions. ${error.message}`));
  }
}

function isGood({ oneTimeUntil }: Found): boolean {
  return oneTimeUntil === null || Number(oneTimeUntil) > Date.now();
}

/** A token neither opens a session, which would set a cookie, nor has one to end. */
function refuseToken(actor: Actor | undefined): void {
  if (!isByToken(actor)) return;
  throw new LatchkeyError('session_required', 'This is about sessions: send it without an Authorization header.');
}

function toPrincipal(
  { name, fullName, roles }: Pick<UserRecord, 'name' | 'fullName' | 'roles'>,
  { id }: Pick<Session, 'id'>,
): Principal {
  return { name, fullName, roles, credential: { type: 'session', sessionId: id, scopes: null } };
}
