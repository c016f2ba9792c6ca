import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DatabaseSync } from '@photostructure/sqlite';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { NewSecret } from '../../src/api-keys/api-keys.service.js';
import { ScopesService } from '../../src/api-keys/scopes.service.js';
import type { Limit } from '../../src/limits/limit.js';
import { Passwords } from '../../src/sessions/passwords.js';
import { RolesService } from '../../src/users/roles.service.js';
import { OPERATOR } from '../../src/users/principal.js';
import { ApiKeyVerifier } from '../../src/verification/api-key.verifier.js';
import {
  ENGINE,
  freshDatabase,
  newName,
  startApp,
  type TestApp,
  type TestDatabase,
  type TestKey,
} from '../support/app.js';
import { type Answer, basic, type Options } from '../support/http.js';
import { type Proxy, proxyTo } from '../support/proxy.js';

/**
 * The document and the answers, held against each other: requests of every operation, good and bad in every way that is
 * known here, get no answer that the document doesn't list; and in the end, each answer that it lists has been seen.
 */

interface Request extends Options {
  readonly path: string;
}

interface Operation {
  readonly id: string;
  readonly method: string;
  readonly template: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- JSON
  readonly described: any;
}

let database: TestDatabase;
let proxy: Proxy | undefined;
let latchkey: TestApp;
let manager: TestKey;
let administrator: TestKey;
let ordinary: TestKey;
let withoutScopes: string;
let ofAnotherNetwork: string;
// oxlint-disable-next-line typescript/no-explicit-any -- JSON
let document: any;
let operations: Map<string, Operation>;
const MOST_BAD = 1000;
const seen = new Set<string>();

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);

beforeAll(async () => {
  database = await freshDatabase();
  const url = new URL(database.url);
  if (ENGINE !== 'sqlite') {
    proxy = await proxyTo({ host: url.hostname, port: Number(url.port) });
    url.host = `127.0.0.1:${proxy.port}`;
  }
  const options = { url: url.href, connectTimeoutMs: 500, queryTimeoutMs: 2000 };
  latchkey = await startApp(
    { database: options, drainDelayMs: 500, maxCachedKeys: 0, badCredentialsPerMinute: MOST_BAD },
    database,
  );
  await latchkey.app.get(RolesService).create(OPERATOR, 'Reader');
  manager = await latchkey.key(['System Manager']);
  administrator = await latchkey.keyOf('Administrator');
  ordinary = await latchkey.key(['Reader']);
  withoutScopes = await tokenWith({ name: 'nothing', scopes: [] });
  ofAnotherNetwork = await tokenWith({ name: 'elsewhere', allowedNetworks: ['192.0.2.0/24'] });
  document = (await latchkey.call('GET', '/docs/openapi.json')).json;
  ajv.addSchema(document, 'document');
  operations = new Map(
    Object.entries<object>(document.paths).flatMap(([template, item]) =>
      Object.entries(item).map(([method, described]) => [
        described.operationId,
        { id: described.operationId, method, template, described },
      ]),
    ),
  );
});
afterAll(async () => {
  await latchkey.app.close();
  await proxy?.close();
  await database.remove();
});

/** A request of each operation that is answered well, with what it needs made for it. */
const samples: Record<string, () => Promise<Request>> = {
  getMe: async () => ({ path: '/v1/me' }),
  createUser: async () => ({ path: '/v1/users', json: { email: newName(), fullName: 'A User', roles: ['Reader'] } }),
  listUsers: async () => ({ path: '/v1/users?limit=2' }),
  countUsers: async () => ({ path: '/v1/users/count?key=live' }),
  getOverview: async () => ({ path: '/v1/overview' }),
  getUser: async () => ({ path: `/v1/users/${(await latchkey.key()).user}` }),
  updateUser: async () => ({ path: `/v1/users/${(await latchkey.key()).user}`, json: { fullName: 'Another' } }),
  deleteUser: async () => ({ path: `/v1/users/${(await latchkey.key()).user}` }),
  listRoles: async () => ({ path: '/v1/roles' }),
  createRole: async () => ({ path: '/v1/roles', json: { name: newName().replace('@', ' ') } }),
  deleteRole: async () => ({ path: `/v1/roles/${await newRole()}` }),
  createApiKey: async () => ({ path: '/v1/api-keys', json: { user: await newUser() } }),
  listApiKeys: async () => ({ path: '/v1/api-keys?limit=2' }),
  getApiKey: async () => ({ path: `/v1/api-keys/${(await latchkey.key()).apiKey}` }),
  addSecret: async () => ({ path: `/v1/api-keys/${(await latchkey.key()).apiKey}/secrets` }),
  patchSecret: async () => ({ path: await newSecret(), json: { scopes: ['keys:read'] } }),
  listSecrets: async () => ({ path: '/v1/secrets?limit=2' }),
  readUsage: async () => ({ path: '/v1/usage' }),
  listAudit: async () => ({ path: '/v1/audit' }),
  listOwnAudit: async () => ({ path: '/v1/me/audit' }),
  listScopes: async () => ({ path: '/v1/scopes' }),
  createScope: async () => ({ path: '/v1/scopes', json: { name: newScopeName(), description: 'A scope' } }),
  deleteScope: async () => ({ path: `/v1/scopes/${await newScope()}` }),
  revokeSecrets: async () => ({ path: `/v1/api-keys/${(await latchkey.key()).apiKey}/secrets` }),
  revokeSecret: async () => ({ path: await newSecret() }),
  logIn: async () => ({ auth: undefined, path: '/v1/session', json: await newLogIn() }),
  logOut: async () => ({
    auth: undefined,
    path: '/v1/session',
    headers: { cookie: await newSession(await newLogIn()) },
  }),
  listSessions: async () => ({ path: `/v1/users/${(await newLogIn()).user}/sessions` }),
  endSessions: async () => ({ path: `/v1/users/${(await newLogIn()).user}/sessions?except=current` }),
  endSession: async () => {
    const logIn = await newLogIn();
    await newSession(logIn);
    const path = `/v1/users/${logIn.user}/sessions`;
    const [{ id }] = (await latchkey.call('GET', path, { auth: manager.token })).json.data;
    return { path: `${path}/${id}` };
  },
  getLive: async () => ({ path: '/health/live' }),
  getReady: async () => ({ path: '/health/ready' }),
};

const PASSWORD = 'a password to test with';

async function newLogIn(): Promise<{ user: string; password: string }> {
  const { name } = await latchkey.accounts.create(OPERATOR, {
    email: newName(),
    fullName: 'A User',
    password: PASSWORD,
  });
  return { user: name, password: PASSWORD };
}

/** The Cookie header of a new session. */
async function newSession(json: { user: string; password: string }): Promise<string> {
  const { headers } = await latchkey.call('POST', '/v1/session', { json });
  return headers['set-cookie']![0]!.split(';')[0]!;
}

/** Keeps both places for hashing taken, while a request is answered. */
async function whileHashing(ask: () => Promise<Answer>): Promise<Answer> {
  const passwords = latchkey.app.get(Passwords);
  let release = (): void => undefined;
  const gate = new Promise<undefined>((resolve) => (release = () => resolve(undefined)));
  const busy = [0, 1].map(() => passwords.matches(PASSWORD, () => gate));
  const answer = await ask();
  release();
  await Promise.all(busy);
  return answer;
}

async function newUser(): Promise<string> {
  return (await latchkey.users.create(OPERATOR, { email: newName(), fullName: 'A User' })).name;
}

async function newRole(): Promise<string> {
  const name = newName().split('@')[0]!;
  await latchkey.app.get(RolesService).create(OPERATOR, name);
  return name;
}

/** The path of a live secret. */
async function newSecret(): Promise<string> {
  const path = `/v1/api-keys/${(await latchkey.key()).apiKey}`;
  const [{ id }] = (await latchkey.call('GET', path, { auth: manager.token })).json.secrets;
  return `${path}/secrets/${id}`;
}

const newScopeName = () => newName().split('@')[0]!;

async function newScope(): Promise<string> {
  const { name } = await latchkey.app
    .get(ScopesService)
    .create(OPERATOR, { name: newScopeName(), description: 'A scope' });
  return name;
}

/** Another secret of the manager. */
async function tokenWith(secret: NewSecret): Promise<string> {
  const { user, apiKey } = manager;
  return `token ${apiKey}:${(await latchkey.apiKeys.generate(OPERATOR, { user, ...secret })).apiSecret}`;
}

const JSON_TYPE = { 'content-type': 'application/json' };

const LIMITS = {
  scopes: ['keys:read', 'users:*'],
  allowedNetworks: ['192.0.2.0/24'],
  expiresAt: '2099-01-31T00:00:00Z',
};

/** The path of the secrets of a key whose secret is being rotated. */
async function rotating(): Promise<string> {
  const { user, apiKey } = await latchkey.key();
  await latchkey.apiKeys.generate(OPERATOR, { user, overlapSeconds: 60 });
  return `/v1/api-keys/${apiKey}/secrets`;
}

async function deadSecret(): Promise<string> {
  const path = await newSecret();
  await latchkey.call('DELETE', path, { auth: manager.token });
  return path;
}

/** What is done to every one of them. */
const changes: Record<string, (sample: Request, operation: Operation) => Partial<Request>> = {
  'as it should be': () => ({}),
  'by Basic': () => ({ auth: basic(manager.apiKey, manager.apiSecret) }),
  'without a credential': () => ({ auth: undefined }),
  'with a wrong secret': () => ({ auth: `token ${manager.apiKey}:wrong` }),
  'with a secret that opens nothing': () => ({ auth: withoutScopes }),
  'with a secret of another network': () => ({ auth: ofAnotherNetwork }),
  'with nonsense for a credential': () => ({ auth: 'nonsense' }),
  'without the role': () => ({ auth: ordinary.token }),
  'by Basic, from another site': () => ({
    auth: basic(manager.apiKey, manager.apiSecret),
    headers: { 'sec-fetch-site': 'cross-site' },
  }),
  'with broken JSON': () => ({ json: undefined, body: '{', headers: JSON_TYPE }),
  'with an array': () => ({ json: [] }),
  'with an unknown field': () => ({ json: { nope: 1 } }),
  'with text': () => ({ json: undefined, body: 'x', headers: { 'content-type': 'text/plain' } }),
  'with a Content-Type that is none': () => ({ json: undefined, body: 'x', headers: { 'content-type': 'x' } }),
  'with an empty body': () => ({ json: undefined, headers: JSON_TYPE }),
  'with 300 kB': () => ({ json: { fullName: 'x'.repeat(300_000) } }),
  'with an If-Match that is none': () => ({ headers: { 'if-match': 'x' } }),
  'with an If-Match that does not fit': () => ({ headers: { 'if-match': '"x"' } }),
  'with If-Match: *': () => ({ headers: { 'if-match': '*' } }),
  'with an unknown parameter': ({ path }) => ({ path: `${path.split('?')[0]}?nope=1` }),
  'with a limit of 0': ({ path }) => ({ path: `${path.split('?')[0]}?limit=0` }),
  'with a cursor of nowhere': ({ path }) => ({ path: `${path.split('?')[0]}?cursor=x` }),
  'with a bad escape': (_, { template }) => ({ path: template.replace(/\{\w+\}/g, '%zz') }),
  'with a part that is too long': (_, { template }) => ({ path: template.replace(/\{\w+\}/g, 'x'.repeat(5000)) }),
  'of what is not there': (_, { template }) => ({ path: template.replace(/\{\w+\}/g, 'nothing') }),
};

/** What only some of them can meet. */
const further: [id: string, title: string, status: number, make: () => Promise<Partial<Request>>][] = [
  ['createUser', 'a second time', 409, async () => ({ json: { email: await newUser(), fullName: 'A User' } })],
  [
    'createUser',
    'with an unknown role',
    422,
    async () => ({ json: { email: newName(), fullName: 'X', roles: ['No'] } }),
  ],
  ['listUsers', 'with Administrator', 200, async () => ({ auth: administrator.token, path: '/v1/users?limit=100' })],
  ['listUsers', 'narrowed', 200, async () => ({ path: '/v1/users?search=USER&role=Reader&enabled=true' })],
  ['listUsers', 'by their keys', 200, async () => ({ path: '/v1/users?key=live&sort=-fullName' })],
  ['listUsers', 'narrowed wrongly', 422, async () => ({ path: '/v1/users?enabled=1' })],
  ['countUsers', 'narrowed wrongly', 422, async () => ({ path: '/v1/users/count?key=dead' })],
  ['getUser', 'Administrator', 200, async () => ({ auth: administrator.token, path: '/v1/users/Administrator' })],
  ['getUser', 'hidden', 404, async () => ({ path: '/v1/users/Administrator' })],
  [
    'updateUser',
    'oneself beyond the name',
    403,
    async () => ({ auth: ordinary.token, path: `/v1/users/${ordinary.user}`, json: { enabled: true } }),
  ],
  [
    'updateUser',
    'Administrator, disabled',
    409,
    async () => ({ auth: administrator.token, path: '/v1/users/Administrator', json: { enabled: false } }),
  ],
  [
    'updateUser',
    'by a merge patch',
    200,
    async () => ({
      json: undefined,
      body: '{"roles":["Reader"]}',
      headers: { 'content-type': 'application/merge-patch+json' },
    }),
  ],
  [
    'updateUser',
    'the own password, without a session',
    403,
    async () => ({ auth: ordinary.token, path: `/v1/users/${ordinary.user}`, json: { password: PASSWORD } }),
  ],
  [
    'createUser',
    'with a password',
    201,
    async () => ({ json: { email: newName(), fullName: 'X', password: PASSWORD } }),
  ],
  ['logIn', 'by a token', 403, async () => ({ auth: manager.token })],
  ['logIn', 'wrongly', 401, async () => ({ auth: undefined, json: { user: newName(), password: 'x' } })],
  ['logOut', 'by a token', 403, async () => ({ auth: manager.token })],
  ['deleteUser', 'oneself', 403, async () => ({ auth: ordinary.token, path: `/v1/users/${ordinary.user}` })],
  ['deleteUser', 'Administrator', 409, async () => ({ auth: administrator.token, path: '/v1/users/Administrator' })],
  ['createRole', 'a second time', 409, async () => ({ json: { name: 'Reader' } })],
  ['deleteRole', 'that is held', 409, async () => ({ path: '/v1/roles/Reader' })],
  ['createApiKey', 'a second time', 409, async () => ({ json: { user: ordinary.user } })],
  ['readUsage', 'of nobody', 404, async () => ({ path: `/v1/usage?user=${newName()}` })],
  ['createApiKey', 'for nobody', 404, async () => ({ json: { user: newName() } })],
  [
    'createApiKey',
    'with an end',
    201,
    async () => ({ json: { user: await newUser(), expiresAt: '2099-01-31T00:00:00Z' } }),
  ],
  ['addSecret', 'with an end', 201, async () => ({ json: { expiresAt: '2099-01-31T00:00:00+01:00' } })],
  ['addSecret', 'that is past', 422, async () => ({ json: { expiresAt: '2020-01-31T00:00:00Z' } })],
  [
    'addSecret',
    'with all that it may have',
    201,
    async () => ({ json: { ...LIMITS, name: 'ci', overlapSeconds: 60 } }),
  ],
  ['addSecret', 'with nulls', 201, async () => ({ json: { scopes: null, allowedNetworks: null, expiresAt: null } })],
  ['addSecret', 'during a rotation', 409, async () => ({ path: await rotating(), json: { overlapSeconds: 60 } })],
  ['patchSecret', 'with all that it may have', 200, async () => ({ json: { ...LIMITS, name: 'ci' } })],
  ['patchSecret', 'that is dead', 409, async () => ({ path: await deadSecret() })],
  ['patchSecret', 'with an unknown scope', 422, async () => ({ json: { scopes: ['no:such'] } })],
  [
    'listSecrets',
    'narrowed',
    200,
    async () => ({ path: '/v1/secrets?state=live&name=ci&notUsedSince=2026-01-01T00:00:00Z' }),
  ],
  ['listSecrets', 'narrowed wrongly', 422, async () => ({ path: '/v1/secrets?state=dead' })],
  ['listSecrets', 'that retire', 200, async () => ({ path: (await rotating()) && '/v1/secrets?state=retiring' })],
  ['createScope', 'a second time', 409, async () => ({ json: { name: 'keys:read', description: 'X' } })],
  ['deleteScope', 'that is built in', 409, async () => ({ path: '/v1/scopes/keys:read' })],
  ['listApiKeys', 'everything', 200, async () => ({ path: '/v1/api-keys?limit=100' })],
  [
    'listApiKeys',
    "somebody else's",
    403,
    async () => ({ auth: ordinary.token, path: '/v1/api-keys?user=x@example.com' }),
  ],
];

/** Sends a request of that operation, and holds the answer against the document. */
async function send(id: string, request: Request): Promise<Answer> {
  const operation = operations.get(id)!;
  const { path, ...options } = { auth: manager.token, ...request };
  const answer = await latchkey.call(operation.method.toUpperCase(), path, options);
  hold(operation, options, answer);
  return answer;
}

function hold({ id, method, template, described }: Operation, { json }: Options, answer: Answer): void {
  const { status, headers, text } = answer;
  const listed = described.responses[status];
  expect([id, status, text, listed]).toEqual([id, status, text, expect.any(Object)]);
  const at = listed.$ref ?? pointer('paths', template, method, 'responses', String(status));
  const response = listed.$ref ? shared(listed.$ref) : listed;
  const type = headers['content-type']?.split(';')[0];
  if (response.content) {
    expect(Object.keys(response.content)).toContain(type);
    expectValid(`${at}/content/${escaped(type!)}/schema`, answer.json);
  } else {
    expect([type, text]).toEqual([undefined, '']);
  }
  for (const name of Object.keys(document.components.headers)) {
    const value = [headers[name.toLowerCase()]].flat()[0]; // Node makes a list of Set-Cookie
    const unasked = name === 'Cache-Control' && !(name in response.headers); // no-store does no harm anywhere
    const isListed = name in response.headers;
    // Of what is refused with 403, only a secret without the scope gets a challenge.
    const isDue =
      isListed && (status !== 403 || name !== 'WWW-Authenticate' || json403(answer) === 'insufficient_scope');
    if (!unasked) expect([id, status, name, value !== undefined]).toEqual([id, status, name, isDue]);
    const schema = `#/components/headers/${name}/schema`;
    if (value !== undefined) expectValid(schema, name === 'Retry-After' ? Number(value) : value);
  }
  if (status < 300 && json !== undefined && described.requestBody) {
    expectValid(pointer('paths', template, method, 'requestBody', 'content', 'application/json', 'schema'), json);
  }
  seen.add(`${id} ${status} ${status < 300 ? 'OK' : answer.json.code}`);
}

// oxlint-disable-next-line typescript/no-explicit-any -- JSON
function shared($ref: string): any {
  return document.components.responses[$ref.replace('#/components/responses/', '')];
}

function json403({ status, json }: Answer): string | undefined {
  return status === 403 ? json.code : undefined;
}

function pointer(...parts: string[]): string {
  return `#/${parts.map(escaped).join('/')}`;
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

const validators = new Map<string, ValidateFunction>();
function expectValid(at: string, value: unknown): void {
  const validate = validators.get(at) ?? ajv.compile({ $ref: `document${at}` });
  validators.set(at, validate);
  validate(value);
  expect([at, value, validate.errors ?? []]).toEqual([at, value, []]);
}

function documented(): string[] {
  return [...operations.values()].flatMap(({ id, described }) =>
    Object.entries<{ $ref?: string }>(described.responses).flatMap(([status, { $ref }]) => {
      if (Number(status) < 300) return [`${id} ${status} OK`];
      const { content } = shared($ref!);
      const codes: string[] = content['application/problem+json'].schema.allOf[1].properties.code.enum;
      return codes.map((code) => `${id} ${status} ${code}`);
    }),
  );
}

describe('the document', () => {
  it('has every route of the REST API and of health, and no other', () => {
    const routes = latchkey.log
      .filter(({ context }) => context === 'RouterExplorer')
      .map(({ msg }) => /^Mapped \{(.*), (.*)\} route$/.exec(msg as string)!)
      .map(([, path, method]) => `${method} ${path!.replace(/:(\w+)/g, '{$1}')}`)
      .filter((route) => / \/(v1|health)\//.test(route));
    const described = [...operations.values()].map(({ method, template }) => `${method.toUpperCase()} ${template}`);
    expect(described.toSorted()).toEqual(routes.toSorted());
  });

  it('names every operation once, and each is tried here', () => {
    const ids = Object.values<object>(document.paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    );
    expect(ids.toSorted()).toEqual(Object.keys(samples).toSorted());
  });

  it('asks for a credential everywhere but at health and log-in', () => {
    const any = [{ token: [] }, { basic: [] }, { session: [] }];
    expect(document.security).toEqual(any);
    for (const { template, described } of operations.values()) {
      const own = template.startsWith('/health/') ? [] : template === '/v1/session' ? [{}, ...any] : undefined;
      expect([template, described.security]).toEqual([template, own]);
    }
  });

  it('has examples that its own schemas take', () => {
    const walk = (node: unknown, at: string): void => {
      if (typeof node !== 'object' || node === null) return;
      const { schema, examples, example, type } = node as Record<string, never>;
      if (schema && examples)
        for (const { value } of Object.values<{ value: unknown }>(examples)) expectValid(`${at}/schema`, value);
      if (type && example !== undefined) expectValid(at, example);
      for (const [key, child] of Object.entries(node)) {
        if (key !== 'example' && key !== 'examples') walk(child, `${at}/${escaped(key)}`);
      }
    };
    walk(document, '#');
    expect(validators.size).toBeGreaterThan(20);
  });

  it('shows no secret and no place of this machine', () => {
    expect(JSON.stringify(document)).not.toMatch(/lks?_\w|127\.0\.0\.1|localhost|\/(tmp|home|work)\//);
  });
});

describe.each(Object.keys(samples))('%s answers as documented', (id) => {
  it.each(Object.keys(changes))('%s', async (title) => {
    const sample = await samples[id]!();
    const request = { ...sample, ...changes[title]!(sample, operations.get(id)!) };
    const answer = await send(id, request);
    if (title === 'as it should be') expect(answer.status).toBeLessThan(300);
  });
});

it.each(further)('%s %s: %i, as documented', async (id, _, status, make) => {
  expect((await send(id, { ...(await samples[id]!()), ...(await make()) })).status).toBe(status);
});

it.each([
  ['createUser', async () => ({ json: { email: newName(), fullName: 'X', password: PASSWORD } })],
  ['updateUser', async () => ({ json: { password: PASSWORD } })],
  ['logIn', async () => ({})],
] satisfies [string, () => Promise<Partial<Request>>][])('%s: 429 while passwords are hashed', async (id, make) => {
  const request = { ...(await samples[id]!()), ...(await make()) };
  expect((await whileHashing(() => send(id, request))).status).toBe(429);
});

describe('as documented, each answers', () => {
  /** All samples are made first: after that nothing can be made. */
  async function sendAll(
    status: number,
    meanwhile: { begin: () => unknown; end: () => unknown },
    change: Partial<Request> = {},
  ): Promise<void> {
    const ids = Object.keys(samples).filter((id) => /^(?!getLive|getReady)/.test(id));
    const requests: [string, Request][] = [];
    for (const id of ids) requests.push([id, { ...(await samples[id]!()), ...change }]);
    await meanwhile.begin();
    try {
      for (const [id, request] of requests) expect([id, (await send(id, request)).status]).toEqual([id, status]);
      await send('getLive', await samples.getLive!());
      await send('getReady', await samples.getReady!());
    } finally {
      await meanwhile.end();
    }
    expect((await send('getMe', await samples.getMe!())).status).toBe(200);
  }

  it('500 on a fault of the inside', async () => {
    const rename = (from: string, to: string) => latchkey.dataSource.query(`ALTER TABLE ${from} RENAME TO ${to}`);
    await sendAll(500, {
      begin: () => rename('lk_users', 'lk_users_away'),
      end: () => rename('lk_users_away', 'lk_users'),
    });
  });

  it('503 while the database is away', async () => {
    if (proxy) return sendAll(503, { begin: () => proxy!.refuse(), end: () => proxy!.heal() });
    // Without its write-ahead log, SQLite lets nobody read while another has the file for itself.
    const mode = (journal: string) => latchkey.dataSource.query(`PRAGMA journal_mode = ${journal}`);
    // The connection that has migrated is closed once its statements are collected.
    setFlagsFromString('--expose-gc');
    runInNewContext('gc')();
    await delay(100);
    await mode('DELETE');
    await latchkey.dataSource.query('PRAGMA busy_timeout = 0');
    const other = new DatabaseSync(database.url.replace('sqlite:', ''));
    return sendAll(503, { begin: () => other.exec('BEGIN EXCLUSIVE'), end: () => other.close() });
  });

  it('429 after too many bad credentials', () => {
    const { badCredentials } = latchkey.app.get(ApiKeyVerifier) as unknown as { badCredentials: { limit: Limit } };
    const { limit } = badCredentials;
    return sendAll(
      429,
      {
        begin: async () => {
          // Some have been counted already, so the last ones are too many.
          for (let i = 0; i < MOST_BAD; i++) await limit.count('127.0.0.1').catch(() => undefined);
        },
        end: () => limit.forget('127.0.0.1'),
      },
      { auth: 'token lk_guessed:lks_guessed' },
    );
  });

  it('503 when it is not ready, being about to end', async () => {
    const { app }: { app: { close(signal?: string): Promise<void> } } = latchkey;
    const closed = app.close('SIGTERM');
    const answer = await send('getReady', await samples.getReady!());
    expect(answer.status).toBe(503);
    await closed;
  });
});

it('each answer that the document lists has been seen', () => {
  expect(documented().filter((answer) => !seen.has(answer))).toEqual([]);
  expect([...seen].filter((answer) => !documented().includes(answer))).toEqual([]);
});
