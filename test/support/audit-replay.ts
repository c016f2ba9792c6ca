import type { DataSource } from 'typeorm';
import type { AuditRecord } from '../../src/audit/chain.js';
import { OWN_SCOPES } from '../../src/users/scopes.js';

/** What is so, as the rows of the trail tell it, or as the tables say. Sorted, so that two of them can be compared. */
export interface Told {
  readonly users: Record<string, { fullName: string; enabled: boolean; roles: string[] }>;
  readonly roles: string[];
  readonly scopes: string[];
  /** By id: those that are live or retiring. */
  readonly secrets: Record<string, unknown>;
  /** By id: whose. */
  readonly sessions: Record<string, string>;
}

interface Change {
  readonly before: unknown;
  readonly after: unknown;
}

type Secret = Record<string, unknown> & { subject: string; expiresAt: string | null };

/** Follows the trail from a new database on. It reads nothing else. */
export class Replay {
  /** Rows that do not fit what the rows before them have told. */
  readonly wrong: string[] = [];
  private readonly users = new Map([
    ['Administrator', { fullName: 'Administrator', enabled: true, roles: ['System Manager'] }],
  ]);
  private readonly roles = new Set(['System Manager']);
  private readonly scopes = new Map<string, unknown>();
  private readonly secrets = new Map<string, Secret>();
  private readonly sessions = new Map<string, string>();

  constructor(rows: readonly AuditRecord[]) {
    for (const row of rows) {
      try {
        this.apply(row);
      } catch (error) {
        this.wrong.push(`${row.n} ${row.event} ${row.subject}: ${(error as Error).message}`);
      }
    }
  }

  private apply({ event, subject, apiKey, secretId, details }: AuditRecord): void {
    const name = subject!;
    const user = () => required(this.users.get(name), `no user ${name}`);
    const changed = (was: unknown, field: string): unknown => {
      const { before, after } = details[field] as Change;
      if (JSON.stringify(before) !== JSON.stringify(was))
        throw new Error(`${field} was ${JSON.stringify(was)}, not ${JSON.stringify(before)}`);
      return after;
    };
    const end = (ids: unknown) => (ids as string[]).forEach((id) => this.endSession(id, name));
    switch (event) {
      case 'user.created': {
        if (this.users.has(name)) throw new Error('it is there');
        const { fullName, enabled, roles } = details as never;
        return void this.users.set(name, { fullName, enabled, roles });
      }
      case 'user.renamed':
        return void (user().fullName = changed(user().fullName, 'fullName') as string);
      case 'user.enabled':
      case 'user.disabled':
        if (user().enabled === (event === 'user.enabled')) throw new Error('it was that before');
        user().enabled = event === 'user.enabled';
        return event === 'user.disabled' ? this.forgetSessions(name) : undefined;
      case 'user.deleted':
        user();
        this.users.delete(name);
        this.forgetSessions(name);
        for (const [id, secret] of this.secrets) if (secret.subject === name) this.secrets.delete(id);
        return;
      case 'roles.changed':
        return void (user().roles = changed(user().roles, 'roles') as string[]);
      case 'role.created':
        return addNew(this.roles, name);
      case 'role.deleted':
        return remove(this.roles, name);
      case 'scope.created':
        if (this.scopes.has(name)) throw new Error('it is there');
        return void this.scopes.set(name, details.description);
      case 'scope.changed':
        return void this.scopes.set(name, changed(this.scopes.get(name), 'description'));
      case 'scope.deleted':
        return remove(this.scopes, name);
      case 'secret.generated':
      case 'secret.rotated': {
        user();
        const { name: ofSecret, scopes, allowedNetworks, expiresAt } = details as never;
        const secret = { subject: name, apiKey, name: ofSecret, scopes, allowedNetworks, expiresAt, retiresAt: null };
        return void this.secrets.set(secretId!, secret);
      }
      case 'secret.changed': {
        const secret = required(this.secrets.get(secretId!), `no secret ${secretId}`);
        const fields = Object.keys(details).filter((field) => field !== 'replacedBy');
        for (const field of fields) (secret as Record<string, unknown>)[field] = changed(secret[field], field);
        return;
      }
      case 'secret.revoked':
        return remove(this.secrets, secretId!);
      case 'password.changed':
        return end(details.endedSessions);
      case 'session.opened':
        end(details.endedSessions);
        return void this.sessions.set(String(details.session), name);
      case 'session.ended':
        return end(details.sessions);
      default:
        return; // nothing is changed by it
    }
  }

  private endSession(id: string, user: string): void {
    if (this.sessions.get(id) !== user) throw new Error(`no session ${id}`);
    this.sessions.delete(id);
  }

  private forgetSessions(user: string): void {
    for (const [id, owner] of this.sessions) if (owner === user) this.sessions.delete(id);
  }

  told(now = Date.now()): Told {
    const isLive = ({ expiresAt }: Secret) => expiresAt === null || Date.parse(expiresAt) > now;
    return {
      users: sorted([...this.users]),
      roles: [...this.roles].toSorted(),
      scopes: [...this.scopes].map(([name, description]) => `${name}: ${String(description)}`).toSorted(),
      secrets: sorted([...this.secrets].filter(([, secret]) => isLive(secret))),
      sessions: sorted([...this.sessions]),
    };
  }
}

interface Row {
  readonly [column: string]: unknown;
  readonly id: string;
  readonly name: string;
  readonly fullName: string;
  readonly userId: string;
  readonly role: string;
  readonly description: string;
  readonly scopes: string | null;
  readonly allowedNetworks: string | null;
  readonly expiresAt: string | number | null;
  readonly retiresAt: string | number | null;
}

/** The same, from the tables. */
export async function toldByTables(dataSource: DataSource, now = Date.now()): Promise<Told> {
  const all = (sql: string, values: unknown[] = []): Promise<Row[]> => dataSource.query(sql, values);
  const users = await all('SELECT id, name, full_name AS fullName, enabled FROM lk_users');
  const held = await all('SELECT user_id AS userId, role FROM lk_user_roles');
  const rolesOf = (id: string) => held.filter(({ userId }) => userId === id).map(({ role }) => role);
  const secrets = await all(
    `SELECT s.id, u.name AS subject, s.api_key AS apiKey, s.name, s.scopes, s.allowed_networks AS allowedNetworks,
            s.expires_at AS expiresAt, s.retires_at AS retiresAt
       FROM lk_api_secrets s JOIN lk_api_keys k ON k.api_key = s.api_key JOIN lk_users u ON u.id = k.user_id
      WHERE s.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > ?)`,
    [now],
  );
  const list = (text: string | null) => (text === null ? null : (JSON.parse(text) as unknown));
  const time = (ms: string | number | null) => (ms === null ? null : new Date(Number(ms)).toISOString());
  const sessions = await all('SELECT s.id, u.name FROM lk_sessions s JOIN lk_users u ON u.id = s.user_id');
  const scopes = await all('SELECT name, description FROM lk_scopes');
  return {
    users: sorted(
      users.map(({ id, name, fullName, enabled }) => [
        name,
        { fullName, enabled: Number(enabled) === 1, roles: rolesOf(id).toSorted() },
      ]),
    ),
    roles: (await all('SELECT name FROM lk_roles')).map(({ name }) => name).toSorted(),
    // What is built in was there before the trail.
    scopes: scopes
      .filter(({ name }) => !(OWN_SCOPES as readonly string[]).includes(name))
      .map(({ name, description }) => `${name}: ${description}`)
      .toSorted(),
    secrets: sorted(
      secrets.map(({ id, subject, apiKey, name, ...rest }) => [
        id,
        {
          subject,
          apiKey,
          name,
          scopes: list(rest.scopes),
          allowedNetworks: list(rest.allowedNetworks),
          expiresAt: time(rest.expiresAt),
          retiresAt: time(rest.retiresAt),
        },
      ]),
    ),
    sessions: sorted(sessions.map(({ id, name }) => [id, name])),
  };
}

function sorted<T>(entries: [string, T][]): Record<string, T> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function required<T>(value: T | undefined, message: string): T {
  if (value === undefined) throw new Error(message);
  return value;
}

function addNew(set: Set<string>, name: string): void {
  if (set.has(name)) throw new Error('it is there');
  set.add(name);
}

function remove(from: { delete(name: string): boolean }, name: string): void {
  if (!from.delete(name)) throw new Error('it is not there');
}
