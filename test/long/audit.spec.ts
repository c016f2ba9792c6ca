import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { hash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AuditService } from '../../src/audit/audit.service.js';
import type { AuditRecord } from '../../src/audit/chain.js';
import type { AuditEvent } from '../../src/audit/events.js';
import { ScopesService } from '../../src/api-keys/scopes.service.js';
import { OPERATOR } from '../../src/users/principal.js';
import { ENGINE, freshDatabase, startApp, type TestApp, type TestDatabase } from '../support/app.js';
import { Random } from '../support/attack.js';
import { asRecord, storedRows } from '../support/audit.js';
import { Replay, toldByTables } from '../support/audit-replay.js';
import { latchkeyHere } from '../support/command.js';
import { type Answer, client } from '../support/http.js';
import { type Running, startProcess } from '../support/process.js';

/**
 * Changes at random, by every interface and on several nodes, some of which are killed. Afterwards the trail alone tells
 * what is so, and it has every change that was acknowledged, once.
 */

const CHANGES = Number(process.env.AUDIT_CHANGES ?? 500);
const SEED = Number(process.env.TEST_SEED ?? Date.now() % 1_000_000);
const NODES = 2;
const AT_ONCE = 6;
/** A node is killed after so many changes. */
const KILL_EACH = 100;
const ROLES = ['Audit A', 'Audit B'];
const HOUR = 3_600_000;

const random = new Random(SEED);
let database: TestDatabase;
/** The node whose library is called. */
let library: TestApp;
interface TestNode {
  running: Running;
  isUp: boolean;
  /** Calls that wait for its answer. */
  asked: number;
}
let nodes: TestNode[];
let auth: string;

/** All that must not be in the trail. */
const secret: string[] = [];
/** What an acknowledged request must have left, by its id. */
const requests = new Map<string, AuditEvent[]>();
/** The same of commands: the numbers of their rows, which they print. */
const commands: { args: string[]; events: string[]; expected: AuditEvent[]; numbers: number[] }[] = [];
/** Names and texts that the library has written, which are in one row each. */
const written: string[] = [];
let unanswered = 0;
let count = 0;
const done = { acknowledged: 0, kills: 0 };
/** A function, since it changes while one waits. Some kill has to fall into a change that is under way. */
const isDone = () => done.acknowledged >= CHANGES && done.kills >= CHANGES / KILL_EACH - 1 && unanswered > 0;

const env = () => ({ DATABASE_URL: database.url, LOG_LEVEL: 'info' });

beforeAll(async () => {
  process.stdout.write(`${ENGINE}: AUDIT_CHANGES=${CHANGES} TEST_SEED=${SEED}\n`);
  database = await freshDatabase();
  library = await startApp({}, database);
  nodes = [];
  for (let i = 0; i < NODES; i++) nodes.push({ running: await startProcess(env()), isUp: true, asked: 0 });
  const made = await library.keyOf('Administrator');
  secret.push(made.apiSecret);
  auth = made.token;
  for (const name of ROLES) await library.call('POST', '/v1/roles', { auth, json: { name } });
  await library.call('POST', '/v1/scopes', { auth, json: { name: 'audit:more', description: 'M' } });
}, 120_000);
afterAll(async () => {
  for (const { running } of nodes) await running.end('SIGKILL');
  await library.close();
  await database.remove();
}, 60_000);

interface Call {
  readonly method: string;
  readonly path: string;
  readonly json?: unknown;
  readonly headers?: Record<string, string>;
  readonly status: number;
  /** What its rows say, in any order. */
  readonly events: AuditEvent[];
  readonly after?: (answer: Answer) => void;
}

class Lost extends Error {}

/** Makes a call on some node. @throws Lost when there is no answer. */
async function ask(call: Call): Promise<void> {
  const { method, path, json, headers = {}, status, events, after } = call;
  const node = random.pick([...nodes.filter(({ isUp }) => isUp), undefined]);
  const { url } = node?.running ?? library;
  const withAuth = headers.cookie === undefined ? { auth } : {};
  const sent = { ...withAuth, headers, ...(json !== undefined && { json }) };
  if (node) node.asked++;
  const answer = await client(url)(method, path, sent).catch(() => undefined);
  if (node) node.asked--;
  if (!answer || answer.status === 503) {
    unanswered++;
    throw new Lost();
  }
  if (answer.status === 429) {
    await delay(100); // a node hashes two passwords at once, and has done nothing
    return ask(call);
  }
  if (answer.status !== status)
    throw new Error(`${method} ${path} ${JSON.stringify(json)}: ${answer.status} ${answer.text}`);
  requests.set(String(answer.headers['x-request-id']), events);
  for (const cookie of answer.headers['set-cookie'] ?? []) {
    const value = /^(?:sid|device)=([^;]+)/.exec(cookie)?.[1];
    if (value && value.length > 20) secret.push(value, hash('sha256', value));
  }
  done.acknowledged++;
  after?.(answer);
}

async function command(args: string[], expected: AuditEvent[]): Promise<string> {
  const { code, stdout, stderr } = await latchkeyHere(args, env());
  if (code !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
  const lines = stderr.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  // What the library does meanwhile is printed here as well: all in this process have one logger.
  const rows = lines.filter(({ n, subject }) => n !== undefined && subject === args[2]);
  commands.push({ args, expected, events: rows.map(({ event }) => event), numbers: rows.map(({ n }) => n) });
  done.acknowledged++;
  return stdout;
}

interface Held {
  readonly id: string;
  readonly retiring?: string;
}

/** A user, and what is so of it. */
class Account {
  readonly name = `audit.${count++}@example.com`;
  private readonly path = `/v1/users/${this.name}`;
  private fullName = 'First';
  private enabled = true;
  private roles: string[] = [];
  private password: string | undefined;
  private apiKey: string | undefined;
  /** Live secrets, by name. */
  private readonly secrets = new Map<string, Held>();
  private sessions: string[] = [];
  private exists = false;

  /** @returns false when the user is gone. */
  async change(): Promise<boolean> {
    if (!this.exists) await this.create();
    else await random.pick(this.changes())();
    return this.exists;
  }

  private async create(): Promise<void> {
    const created = { email: this.name, fullName: this.fullName };
    const after = () => (this.exists = true);
    if (random.next() < 0.2) {
      await command(['users', 'create', this.name, '--full-name', this.fullName], ['user.created']);
      return void after();
    }
    if (random.next() < 0.2) {
      await library.users.ensure(OPERATOR, { name: this.name, fullName: this.fullName });
      written.push(`"subject":"${this.name}","event":"user.created"`);
      done.acknowledged++;
      return void after();
    }
    const password = random.next() < 0.3 ? newPassword() : undefined;
    const events: AuditEvent[] = ['user.created', ...(password ? (['password.changed'] as const) : [])];
    await ask({ method: 'POST', path: '/v1/users', json: { ...created, password }, status: 201, events, after });
    this.password = password;
  }

  private changes(): (() => Promise<unknown>)[] {
    const { enabled, password } = this;
    const user = () => this.patchUser();
    const make = () => this.makeSecret();
    return [
      user,
      user,
      make,
      make,
      make,
      () => this.changeSecret(),
      () => this.changeSecret(),
      () => this.revoke(),
      () => this.revoke(),
      () => this.byCommand(),
      () => this.byLibrary(),
      () => this.refused(),
      ...(random.next() < 0.3 ? [() => this.setPassword(), () => this.delete()] : []),
      ...(password !== undefined && enabled ? [() => this.logIn(), () => this.logIn(), () => this.endSession()] : []),
      ...(random.next() < 0.5 ? [() => roleAndBack(), () => scopeAndBack()] : []),
    ];
  }

  private async patchUser(): Promise<void> {
    const fullName = random.pick([this.fullName, `Name ${count++}`]);
    const enabled = random.next() < 0.8 ? this.enabled : !this.enabled;
    const roles = random.next() < 0.5 ? this.roles : ROLES.filter(() => random.next() < 0.5);
    const events: AuditEvent[] = [
      ...(roles.join() === this.roles.join() ? [] : (['roles.changed'] as const)),
      ...(fullName === this.fullName ? [] : (['user.renamed'] as const)),
      ...(enabled === this.enabled ? [] : [enabled ? ('user.enabled' as const) : ('user.disabled' as const)]),
    ];
    const after = () => {
      if (!enabled) this.sessions = [];
      Object.assign(this, { fullName, enabled, roles });
    };
    await ask({ method: 'PATCH', path: this.path, json: { fullName, enabled, roles }, status: 200, events, after });
  }

  private async setPassword(): Promise<void> {
    const password = newPassword();
    const after = () => Object.assign(this, { password, sessions: [] });
    await ask({
      method: 'PATCH',
      path: this.path,
      json: { password },
      status: 200,
      events: ['password.changed'],
      after,
    });
  }

  private async delete(): Promise<void> {
    const after = () => (this.exists = false);
    await ask({ method: 'DELETE', path: this.path, status: 204, events: ['user.deleted'], after });
  }

  private async makeSecret(): Promise<void> {
    const viaFrappe = random.next() < 0.3;
    const name = viaFrappe ? 'default' : random.pick(['default', 'ci', 'cron']);
    const old = this.secrets.get(name);
    const overlap = !viaFrappe && random.next() < 0.6 ? 3600 : 0;
    const events: AuditEvent[] = [old ? 'secret.rotated' : 'secret.generated'];
    if (old) events.push(overlap ? 'secret.changed' : 'secret.revoked');
    if (old?.retiring) events.push('secret.revoked');
    const keep = (answer: Answer) => {
      const { apiSecret, api_secret: frappe, apiKey, api_key: frappeKey } = answer.json.message ?? answer.json;
      this.apiKey = apiKey ?? frappeKey;
      hide(apiSecret ?? frappe);
      const id = answer.json.secretId ?? `unknown ${name}`;
      this.secrets.set(name, { id, ...(overlap && old && { retiring: old.id }) });
    };
    if (viaFrappe) {
      const path = '/api/method/frappe.core.doctype.user.user.generate_keys';
      return ask({ method: 'POST', path, json: { user: this.name }, status: 200, events, after: keep });
    }
    const json = {
      name,
      ...(overlap && { overlapSeconds: overlap }),
      ...(random.next() < 0.3 && { scopes: random.pick([['audit:more'], ['keys:read', 'users:read'], null]) }),
      ...(random.next() < 0.3 && { allowedNetworks: random.pick([['192.0.2.0/24', '2001:db8::/32'], null]) }),
      ...(random.next() < 0.3 && { expiresAt: new Date(Date.now() + 100 * HOUR + count++).toISOString() }),
    };
    if (!this.apiKey) {
      const { overlapSeconds: _, ...first } = json as { overlapSeconds?: number };
      const all = { ...first, user: this.name };
      return ask({ method: 'POST', path: '/v1/api-keys', json: all, status: 201, events, after: keep });
    }
    const path = `/v1/api-keys/${this.apiKey}/secrets`;
    if (overlap && old?.retiring) return ask({ method: 'POST', path, json, status: 409, events: [] });
    return ask({ method: 'POST', path, json, status: 201, events, after: keep });
  }

  private known(): [string, Held] | undefined {
    const all = [...this.secrets].filter(([, { id, retiring = '' }]) => !`${id}${retiring}`.includes('unknown'));
    return all.length > 0 ? random.pick(all) : undefined;
  }

  private async changeSecret(): Promise<void> {
    const [, held] = this.known() ?? [];
    if (!held) return this.makeSecret();
    const path = `/v1/api-keys/${this.apiKey}/secrets/${held.id}`;
    const expiresAt = new Date(Date.now() + 200 * HOUR + count++).toISOString();
    const json = random.pick<object>([
      { expiresAt },
      { expiresAt, scopes: ['keys:read', 'roles:read'] },
      { expiresAt, allowedNetworks: null },
    ]);
    await ask({ method: 'PATCH', path, json, status: 200, events: ['secret.changed'] });
    await ask({ method: 'PATCH', path, json, status: 200, events: [] }); // it changes nothing
  }

  private async revoke(): Promise<void> {
    const [name, held] = this.known() ?? [];
    if (!name || !held) return this.makeSecret();
    const path = `/v1/api-keys/${this.apiKey}/secrets`;
    if (random.next() < 0.3) {
      const all = [...this.secrets.values()].flatMap(({ retiring }) => (retiring ? [1, 2] : [1]));
      const events = all.map((): AuditEvent => 'secret.revoked');
      return ask({ method: 'DELETE', path, status: 204, events, after: () => this.secrets.clear() });
    }
    const isBack = held.retiring !== undefined;
    const events: AuditEvent[] = ['secret.revoked', ...(isBack ? (['secret.changed'] as const) : [])];
    const after = () => (isBack ? this.secrets.set(name, { id: held.retiring! }) : this.secrets.delete(name));
    await ask({ method: 'DELETE', path: `${path}/${held.id}`, status: 204, events, after });
    await ask({ method: 'DELETE', path: `${path}/${held.id}`, status: 204, events: [] });
  }

  private async byCommand(): Promise<void> {
    const enabled = !this.enabled;
    await command(['users', enabled ? 'enable' : 'disable', this.name], [enabled ? 'user.enabled' : 'user.disabled']);
    this.enabled = enabled;
    if (!enabled) this.sessions = [];
    const old = this.secrets.get('by command');
    const expected: AuditEvent[] = old ? ['secret.rotated', 'secret.revoked'] : ['secret.generated'];
    const out = await command(['keys', 'generate', this.name, '--name', 'by command', '--json'], expected);
    const { apiKey, apiSecret, secretId } = JSON.parse(out);
    hide(apiSecret);
    this.apiKey = apiKey;
    this.secrets.set('by command', { id: secretId });
  }

  private async byLibrary(): Promise<void> {
    const fullName = `By Library ${count++}`;
    await library.users.update(OPERATOR, this.name, { fullName });
    this.fullName = fullName;
    written.push(`"fullName":{"after":"${fullName}",`);
    const scope = `audit:app${count % 3}`;
    await library.app.get(ScopesService).ensure({ [scope]: `Description ${count++}` });
    done.acknowledged += 2;
  }

  private async refused(): Promise<void> {
    const none = { events: [] };
    const bad = { fullName: 'Refused', roles: [...ROLES, 'No Such Role'] };
    await ask({ method: 'PATCH', path: this.path, json: bad, status: 422, ...none });
    const json = { email: this.name, fullName: 'Again' };
    await ask({ method: 'POST', path: '/v1/users', json, status: 409, ...none });
    const stale = { 'if-match': '"stale"' };
    await ask({ method: 'DELETE', path: this.path, status: 412, headers: stale, ...none });
  }

  private async logIn(): Promise<void> {
    const viaFrappe = random.next() < 0.3;
    const { name: user, password } = this;
    const after = ({ headers }: Answer) => {
      const cookie = headers['set-cookie']!.find((text) => text.startsWith('sid='))!;
      this.sessions.push(cookie.split(';')[0]!);
    };
    const events: AuditEvent[] = ['session.opened'];
    const headers = { cookie: '' };
    await (viaFrappe
      ? ask({
          method: 'POST',
          path: '/api/method/login',
          json: { usr: user, pwd: password },
          headers,
          status: 200,
          events,
          after,
        })
      : ask({ method: 'POST', path: '/v1/session', json: { user, password }, headers, status: 201, events, after }));
  }

  private async endSession(): Promise<void> {
    const events: AuditEvent[] = this.sessions.length > 0 ? ['session.ended'] : [];
    if (random.next() < 0.5 || this.sessions.length === 0) {
      const after = () => (this.sessions = []);
      return ask({ method: 'DELETE', path: `${this.path}/sessions`, status: 204, events, after });
    }
    const cookie = this.sessions[0]!;
    const after = () => this.sessions.shift();
    await ask({ method: 'DELETE', path: '/v1/session', headers: { cookie }, status: 204, events, after });
  }
}

async function roleAndBack(): Promise<void> {
  const name = `Role ${count++}`;
  await ask({ method: 'POST', path: '/v1/roles', json: { name }, status: 201, events: ['role.created'] });
  if (random.next() < 0.5)
    await ask({
      method: 'DELETE',
      path: `/v1/roles/${encodeURIComponent(name)}`,
      status: 204,
      events: ['role.deleted'],
    });
}

async function scopeAndBack(): Promise<void> {
  const name = `audit:s${count++}`;
  const json = { name, description: `Of ${name}` };
  await ask({ method: 'POST', path: '/v1/scopes', json, status: 201, events: ['scope.created'] });
  if (random.next() < 0.5)
    await ask({ method: 'DELETE', path: `/v1/scopes/${name}`, status: 204, events: ['scope.deleted'] });
}

function newPassword(): string {
  const password = `password ${crypto.randomUUID()}`;
  secret.push(password);
  return password;
}

function hide(apiSecret: string): void {
  secret.push(apiSecret, hash('sha256', apiSecret));
}

/** Changes accounts until there were enough; who gets no answer does not know its account any more, and takes another. */
async function work(): Promise<void> {
  let account = new Account();
  while (!isDone()) {
    try {
      if (!(await account.change())) account = new Account();
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      account = new Account();
    }
  }
}

async function killOften(): Promise<void> {
  while (!isDone()) {
    const node = nodes[done.kills % NODES]!;
    const next = KILL_EACH * (done.kills + 1);
    while (done.acknowledged < next || node.asked === 0) {
      if (isDone()) return;
      await delay(1);
    }
    node.isUp = false;
    await node.running.end('SIGKILL');
    done.kills++;
    node.running = await startProcess(env());
    node.isUp = true;
  }
}

it(
  'the trail alone tells what is so, has each acknowledged change once, and no secret',
  async () => {
    await Promise.all([killOften(), ...Array.from({ length: AT_ONCE }, work)]);
    const rows: AuditRecord[] = (await storedRows(library.dataSource)).map(asRecord);
    process.stdout.write(
      `${done.acknowledged} acknowledged, ${unanswered} without an answer, ${done.kills} kills, ${rows.length} rows, ${secret.length} secrets\n`,
    );
    expect(unanswered).toBeGreaterThan(0); // the kills fell into changes that were under way
    expect(rows.map(({ n }) => n)).toEqual(rows.map((_, i) => i + 1));
    expect((await library.app.get(AuditService).verify()).problem).toBeUndefined();

    const now = Date.now();
    const replay = new Replay(rows);
    expect(replay.wrong).toEqual([]);
    expect(replay.told(now)).toEqual(await toldByTables(library.dataSource, now));

    const byRequest = new Map<string | null, AuditRecord[]>();
    for (const row of rows) byRequest.set(row.requestId, [...(byRequest.get(row.requestId) ?? []), row]);
    const eventsOf = (some: readonly AuditRecord[] = []) => some.map(({ event }) => event).toSorted();
    const wrong = [...requests].flatMap(([id, events]) => {
      const found = eventsOf(byRequest.get(id));
      return found.join() === events.toSorted().join() ? [] : [`${id}: ${found.join()}, not ${events.join()}`];
    });
    expect(wrong).toEqual([]);
    // The rest is of those that have not answered: each of them has left all of its rows, or none.
    const others = [...byRequest.keys()].filter((id) => id !== null && !requests.has(id));
    expect(others.length).toBeLessThanOrEqual(unanswered + 3);
    for (const { args, events, expected, numbers } of commands) {
      expect([args, events.toSorted()]).toEqual([args, expected.toSorted()]);
      expect(eventsOf(rows.filter(({ n }) => numbers.includes(n)))).toEqual(expected.toSorted());
    }

    const texts = rows.map((row) => JSON.stringify({ subject: row.subject, event: row.event }));
    const stored = (await storedRows(library.dataSource)).map((row) => Object.values(row).join('\n'));
    for (const text of written) {
      const isOf = text.startsWith('"subject"') ? texts : stored;
      expect([text, isOf.filter((one) => one.includes(text)).length]).toEqual([text, 1]);
    }
    const all = stored.join('\n');
    const hidden = [
      ...secret,
      ...(await library.dataSource.query('SELECT digest FROM lk_api_secrets')).map(
        ({ digest }: { digest: string }) => digest,
      ),
      ...(await library.dataSource.query('SELECT digest FROM lk_sessions')).map(
        ({ digest }: { digest: string }) => digest,
      ),
      ...(await library.dataSource.query('SELECT hash FROM lk_passwords')).map(
        ({ hash: one }: { hash: string }) => one,
      ),
    ];
    expect(hidden.length).toBeGreaterThan(CHANGES / 10);
    expect(hidden.filter((one) => all.includes(one))).toEqual([]);
  },
  60_000 + CHANGES * 400,
);
