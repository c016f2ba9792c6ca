import { BAD_LIMITS, BAD_NETWORKS, BAD_SCOPES, BAD_TIMES, MEGABYTE, NO_TEXTS, TEXTS } from './bad-values.js';

export const CALLERS = ['manager', 'user', 'nobody'] as const;
export type Caller = (typeof CALLERS)[number];

/** What the server holds while it is attacked. */
export interface World {
  readonly tokens: Record<Caller, string | undefined>;
  /** Pairs that prove nobody any more: revoked, replaced, of a disabled and of a deleted user. */
  readonly dead: readonly string[];
  /** A user whom nobody may change, with a key. */
  readonly victim: { readonly name: string; readonly apiKey: string; readonly secretId: string };
  readonly cursors: { readonly users: string; readonly apiKeys: string; readonly secrets: string };
}

/** A field of a body: as JSON, a good value and all sorts of bad ones. */
interface Field {
  readonly good: string;
  readonly bad: readonly string[];
  readonly optional?: true;
}

/** What a good request to a route looks like, and who gets a 2xx for it. */
export interface Target {
  /** As the router names it. */
  readonly route: string;
  readonly method: string;
  /** With {} for each parameter. */
  readonly path: string;
  readonly parameters: readonly string[];
  /** Of the JSON body; undefined where a body is ignored. */
  readonly fields?: Readonly<Record<string, Field>>;
  /** The list whose pages it answers with: its query is checked. */
  readonly list?: keyof World['cursors'];
  /** Its query narrows users, as that of their list. */
  readonly filters?: true;
  readonly may: readonly Caller[];
  /** Its good request changes nothing. */
  readonly safe?: true;
  readonly ifMatch?: true;
  /** Does not look at the Authorization header. */
  readonly open?: true;
  /** Nothing is known of it, but that it never fails. */
  readonly unknown?: true;
}

const json = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value));
const isRoleName = (text: string) => /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u.test(text) && text.length <= 140;
/** Of at most so many characters. */
const isPrintable = (text: string, most = 140) =>
  /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u.test(text.trim()) && [...text.trim()].length <= most;
const isScopeName = (text: string) => /^[a-z0-9][a-z0-9._:-]*$/.test(text) && text.length <= 100;

const texts = { bad: [...json([...TEXTS, MEGABYTE]), ...NO_TEXTS] };
const email: Field = { good: '"new@example.com"', ...texts };
const fullName: Field = {
  good: '"Some Body"',
  bad: [...json(TEXTS.filter((text) => !isPrintable(text))), ...NO_TEXTS, JSON.stringify(MEGABYTE)],
};
const roleName: Field = { good: '"New Role"', bad: [...json(TEXTS.filter((text) => !isRoleName(text))), ...NO_TEXTS] };
const enabled: Field = {
  optional: true,
  good: 'true',
  bad: [...json(TEXTS), ...NO_TEXTS.filter((text) => text !== 'true' && text !== 'false')],
};
const roles: Field = {
  optional: true,
  good: '[]',
  bad: [
    ...json(TEXTS),
    ...NO_TEXTS.filter((text) => text !== '[]'),
    ...TEXTS.map((text) => JSON.stringify([text])),
    JSON.stringify(Array.from({ length: 101 }, (_, i) => `Role ${i}`)),
    JSON.stringify(Array.from({ length: 20_000 }, (_, i) => `Role ${i}`)),
    JSON.stringify(Array.from({ length: 100 }, () => 'y'.repeat(2000))),
    JSON.stringify([MEGABYTE]),
  ],
};
/** Null is for none, on purpose. */
const noNull = NO_TEXTS.filter((text) => text !== 'null');
const expiresAt: Field = {
  optional: true,
  good: '"2999-01-31T00:00:00Z"',
  bad: [...json([...BAD_TIMES, ...TEXTS, MEGABYTE]), ...noNull],
};
const unprintable = (most: number) => json(TEXTS.filter((text) => !isPrintable(text, most)));
const secretName: Field = {
  optional: true,
  good: '"ci"',
  bad: [...unprintable(60), ...NO_TEXTS, JSON.stringify(MEGABYTE)],
};
/** A field that takes a list of texts, or null. */
const listOf = (good: string, most: number, bad: readonly string[], accepted: readonly string[] = []): Field => ({
  optional: true,
  good: JSON.stringify([good]),
  bad: [
    ...json([...TEXTS.filter((_, i) => i % 4 === 0), good, MEGABYTE]),
    ...noNull.filter((text) => !accepted.includes(text)),
    ...json([...TEXTS, ...bad].map((text) => [text])),
    ...json(bad.filter((_, i) => i % 3 === 0).map((text) => [good, text])),
    ...['null', '1', '{}', '[]', `[${JSON.stringify(good)}]`].map((member) => `[${JSON.stringify(good)},${member}]`),
    JSON.stringify(Array.from({ length: most + 1 }, () => good)),
    JSON.stringify(Array.from({ length: 20_000 }, () => good)),
    JSON.stringify([MEGABYTE]),
    JSON.stringify({ 0: good, length: 1 }),
  ],
});
const scopes = listOf('keys:read', 100, BAD_SCOPES, ['[]']);
const allowedNetworks = listOf('192.0.2.0/24', 50, BAD_NETWORKS);
const overlapSeconds: Field = {
  optional: true,
  good: '3600',
  bad: [
    ...json(TEXTS),
    ...NO_TEXTS.filter((text) => text !== '0' && text !== '-0'),
    ...json(['60', '7d', 'PT1H']),
    ...json([1, 59, 59.9, 60.5, 7_776_001, 1e9, -60, 1e-9, [3600]]),
  ],
};
const limits: Field = {
  optional: true,
  good: '[{"requests":1000000,"seconds":60}]',
  bad: [...json([...TEXTS.filter((_, i) => i % 4 === 0), MEGABYTE]), ...noNull, ...BAD_LIMITS],
};
const secretFields = { name: secretName, scopes, allowedNetworks, expiresAt, limits };
const scopeName: Field = {
  good: '"new:scope"',
  bad: [...json([...TEXTS, ...BAD_SCOPES].filter((text) => !isScopeName(text))), ...NO_TEXTS],
};
const description: Field = { good: '"A scope"', bad: [...unprintable(200), ...NO_TEXTS, JSON.stringify(MEGABYTE)] };

const optional = (field: Field): Field => ({ ...field, optional: true });
const MANAGER = ['manager'] as const;
const PROVED = ['manager', 'user'] as const;

/** Every route of the server as far as this test knows it; `targetsOf` adds the others. */
export function knownTargets({ victim }: World): Target[] {
  const name = encodeURIComponent(victim.name);
  const user: Field = { good: JSON.stringify(victim.name), ...texts };
  const frappe = { fields: { user }, parameters: ['frappe.core.doctype.user.user.generate_keys'], may: MANAGER };
  const nothing = ['no.such.thing'];
  return [
    { route: 'GET /v1/me', method: 'GET', path: '/v1/me', parameters: [], may: PROVED, safe: true },
    {
      route: 'POST /v1/users',
      method: 'POST',
      path: '/v1/users',
      parameters: [],
      may: MANAGER,
      fields: { email, fullName, enabled, roles },
    },
    {
      route: 'GET /v1/users',
      method: 'GET',
      path: '/v1/users',
      parameters: [],
      may: MANAGER,
      safe: true,
      list: 'users',
    },
    {
      route: 'GET /v1/users/count',
      method: 'GET',
      path: '/v1/users/count',
      parameters: [],
      may: MANAGER,
      safe: true,
      filters: true,
    },
    { route: 'GET /v1/overview', method: 'GET', path: '/v1/overview', parameters: [], may: MANAGER, safe: true },
    { route: 'GET /v1/users/:name', method: 'GET', path: '/v1/users/{}', parameters: [name], may: MANAGER, safe: true },
    {
      route: 'PATCH /v1/users/:name',
      method: 'PATCH',
      path: '/v1/users/{}',
      parameters: [name],
      may: MANAGER,
      ifMatch: true,
      fields: { fullName: optional(fullName), enabled, roles },
    },
    {
      route: 'DELETE /v1/users/:name',
      method: 'DELETE',
      path: '/v1/users/{}',
      parameters: nothing,
      may: [],
      ifMatch: true,
    },
    { route: 'GET /v1/roles', method: 'GET', path: '/v1/roles', parameters: [], may: MANAGER, safe: true },
    {
      route: 'POST /v1/roles',
      method: 'POST',
      path: '/v1/roles',
      parameters: [],
      may: MANAGER,
      fields: { name: roleName },
    },
    { route: 'DELETE /v1/roles/:name', method: 'DELETE', path: '/v1/roles/{}', parameters: nothing, may: [] },
    {
      route: 'POST /v1/api-keys',
      method: 'POST',
      path: '/v1/api-keys',
      parameters: [],
      may: MANAGER,
      fields: { user, ...secretFields },
    },
    {
      route: 'GET /v1/api-keys',
      method: 'GET',
      path: '/v1/api-keys',
      parameters: [],
      may: PROVED,
      safe: true,
      list: 'apiKeys',
    },
    {
      route: 'GET /v1/api-keys/:apiKey',
      method: 'GET',
      path: '/v1/api-keys/{}',
      parameters: [victim.apiKey],
      may: MANAGER,
      safe: true,
    },
    {
      route: 'POST /v1/api-keys/:apiKey/secrets',
      method: 'POST',
      path: '/v1/api-keys/{}/secrets',
      parameters: [victim.apiKey],
      may: MANAGER,
      ifMatch: true,
      fields: { ...secretFields, overlapSeconds },
    },
    {
      route: 'PATCH /v1/api-keys/:apiKey/secrets/:id',
      method: 'PATCH',
      path: '/v1/api-keys/{}/secrets/{}',
      parameters: [victim.apiKey, victim.secretId],
      may: MANAGER,
      ifMatch: true,
      fields: secretFields,
    },
    {
      route: 'GET /v1/secrets',
      method: 'GET',
      path: '/v1/secrets',
      parameters: [],
      may: MANAGER,
      safe: true,
      list: 'secrets',
    },
    { route: 'GET /v1/scopes', method: 'GET', path: '/v1/scopes', parameters: [], may: MANAGER, safe: true },
    {
      route: 'POST /v1/scopes',
      method: 'POST',
      path: '/v1/scopes',
      parameters: [],
      may: MANAGER,
      fields: { name: scopeName, description },
    },
    { route: 'DELETE /v1/scopes/:name', method: 'DELETE', path: '/v1/scopes/{}', parameters: nothing, may: [] },
    {
      route: 'DELETE /v1/api-keys/:apiKey/secrets',
      method: 'DELETE',
      path: '/v1/api-keys/{}/secrets',
      parameters: nothing,
      may: [],
      ifMatch: true,
    },
    {
      route: 'DELETE /v1/api-keys/:apiKey/secrets/:id',
      method: 'DELETE',
      path: '/v1/api-keys/{}/secrets/{}',
      parameters: [victim.apiKey, 'no-such-secret'],
      may: [],
      ifMatch: true,
    },
    {
      route: 'GET /health/live',
      method: 'GET',
      path: '/health/live',
      parameters: [],
      may: CALLERS,
      safe: true,
      open: true,
    },
    {
      route: 'GET /health/ready',
      method: 'GET',
      path: '/health/ready',
      parameters: [],
      may: CALLERS,
      safe: true,
      open: true,
    },
    { route: 'ALL /api/method/*', method: 'POST', path: '/api/method/{}', ...frappe },
    { route: 'ALL /api/v1/method/*', method: 'POST', path: '/api/v1/method/{}', ...frappe },
    { route: 'ALL /api/v2/method/*', method: 'POST', path: '/api/v2/method/{}', ...frappe },
    {
      route: 'ALL /api/method/*',
      method: 'GET',
      path: '/api/method/{}',
      parameters: ['frappe.auth.get_logged_user'],
      may: PROVED,
      safe: true,
    },
    {
      route: 'ALL /api/v2/method/*',
      method: 'GET',
      path: '/api/v2/method/{}',
      parameters: ['ping'],
      may: CALLERS,
      safe: true,
    },
    { route: 'ALL /*', method: 'GET', path: '/nothing', parameters: [], may: [], safe: true },
  ];
}

/** A target for each route that the app's router has: what it answers to an unknown one's good request is its business. */
export function unknownTargets(routes: readonly string[], known: readonly Target[]): Target[] {
  return routes
    .filter((route) => !known.some((target) => target.route === route))
    .map((route) => {
      const [method, path] = route.split(' ') as [string, string];
      return {
        route,
        method: method === 'ALL' ? 'GET' : method,
        path: path.replace(/:\w+|\*/g, '{}'),
        parameters: (path.match(/:\w+|\*/g) ?? []).map(() => 'x'),
        may: [],
        unknown: true as const,
      };
    });
}
