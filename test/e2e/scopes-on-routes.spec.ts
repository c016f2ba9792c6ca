import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, Post, UseGuards } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-custom';
import { FrappeMethods } from '../../src/frappe/methods.js';
import {
  AnyScope,
  ApiKeyAuthGuard,
  CurrentPrincipal,
  hasScope,
  OPERATOR,
  type Principal,
  Public,
  Roles,
  RolesGuard,
  Scopes,
  ScopesService,
  SYSTEM_MANAGER,
} from '../../src/index.js';
import { newName, startApp, type TestApp, type TestKey } from '../support/app.js';
import { type Answer, basic, client, type Options } from '../support/http.js';
import { type Host, startHost } from '../support/host.js';

/** What each route and each method needs of a secret with scopes. A new one has to be added here on purpose. */
const NEEDED: Record<string, string> = {
  'GET /v1/me': 'any',
  'POST /v1/session': 'public',
  'DELETE /v1/session': 'public',
  'POST /v1/users': 'users:write',
  'GET /v1/users': 'users:read',
  'GET /v1/users/count': 'users:read',
  'GET /v1/users/:name': 'users:read',
  'PATCH /v1/users/:name': 'users:write',
  'DELETE /v1/users/:name': 'users:write',
  'GET /v1/users/:name/sessions': 'sessions:read',
  'DELETE /v1/users/:name/sessions': 'sessions:write',
  'DELETE /v1/users/:name/sessions/:id': 'sessions:write',
  'GET /v1/roles': 'roles:read',
  'POST /v1/roles': 'roles:write',
  'DELETE /v1/roles/:name': 'roles:write',
  'POST /v1/api-keys': 'keys:write',
  'GET /v1/api-keys': 'keys:read',
  'GET /v1/api-keys/:apiKey': 'keys:read',
  'POST /v1/api-keys/:apiKey/secrets': 'keys:write',
  'PATCH /v1/api-keys/:apiKey/secrets/:id': 'keys:write',
  'DELETE /v1/api-keys/:apiKey/secrets': 'keys:write',
  'DELETE /v1/api-keys/:apiKey/secrets/:id': 'keys:write',
  'GET /v1/secrets': 'keys:read',
  'GET /v1/audit': 'audit:read',
  'GET /v1/me/audit': 'audit:read',
  'GET /v1/usage': 'keys:read',
  'GET /v1/scopes': 'keys:read',
  'POST /v1/scopes': 'keys:write',
  'DELETE /v1/scopes/:name': 'keys:write',
  'GET /v1/overview': 'keys:read',
  'GET /health/live': 'public',
  'GET /health/ready': 'public',
  'ALL /': 'public',
  'ALL /login': 'public',
  'ALL /*': 'public',
  'ALL /api/method/login': 'public',
  'ALL /api/method/logout': 'public',
  'ALL /api/method/ping': 'public',
  'ALL /api/method/frappe.ping': 'public',
  'ALL /api/method/frappe.auth.get_logged_user': 'any',
  'ALL /api/method/frappe.core.doctype.user.user.generate_keys': 'keys:write',
  'ALL /api/method/frappe.core.doctype.user.user': 'keys:write',
};

/** The scopes of a secret each. */
const GRANTED: string[][] = [
  [],
  ...[
    ['users:read', 'users:write', 'roles:read', 'roles:write', 'keys:read', 'keys:write', 'sessions:read'],
    ['sessions:write', 'audit:read', 'users:*', 'roles:*', 'keys:*', 'sessions:*', 'reports:read'],
  ]
    .flat()
    .map((scope) => [scope]),
  ['audit:read', 'keys:read', 'users:write'],
];

let latchkey: TestApp;
let manager: TestKey;
let metrics: string;
let routes: string[];

/** Every route of the router, with each Frappe method in place of the star. */
function routesOf({ app, log }: TestApp): string[] {
  const methods = (app.get(FrappeMethods, { strict: false }) as unknown as { methods: Map<string, unknown> }).methods;
  return log
    .filter(({ context }) => context === 'RouterExplorer')
    .map(({ msg }) => /^Mapped \{(.*), (.*)\} route$/.exec(msg as string)!)
    .flatMap(([, path, method]) => {
      if (!path!.endsWith('/method/*')) return [`${method} ${path}`];
      return [...methods.keys()].map((name) => `${method} ${path!.replace('*', name)}`);
    });
}

/** The versions of Frappe's API have the same methods. */
const neededBy = (route: string) => NEEDED[route.replace(/\/api\/v[12]\//, '/api/')];

/** A call of that route that changes nothing. */
function callOf(route: string): [method: string, path: string] {
  const [method, path] = route.split(' ') as [string, string];
  return [method === 'ALL' ? 'POST' : method, path.replace(/:\w+|\*/g, 'x')];
}

const opens = (granted: readonly string[], needed: string) =>
  granted.some((scope) => scope === needed || (scope.endsWith(':*') && needed.startsWith(scope.slice(0, -1))));

/** What there is to tell two answers apart. */
const outcome = ({ status, json }: Answer) => [status, json?.code ?? json?.exc_type ?? json?.errors?.[0]?.type];

async function counted(reason: string): Promise<number> {
  const { text } = await client(metrics)('GET', '/metrics');
  return Number(new RegExp(`^latchkey_refused_secrets_total\\{.*reason="${reason}".*\\} (\\d+)$`, 'm').exec(text)![1]);
}

describe("the server's own routes", () => {
  beforeAll(async () => {
    latchkey = await startApp({ metrics: { host: '127.0.0.1', port: 0 } });
    metrics = String(latchkey.log.find((line) => line.metrics)!.metrics).replace('/metrics', '');
    await latchkey.app
      .get(ScopesService, { strict: false })
      .create(OPERATOR, { name: 'reports:read', description: 'R' });
    manager = await latchkey.key([SYSTEM_MANAGER]);
    routes = routesOf(latchkey);
  });
  afterAll(() => latchkey.close());

  it('have an entry in the table each, and the table has no other', () => {
    const named = routes.map((route) => route.replace(/\/api\/v[12]\//, '/api/'));
    expect(named.length).toBeGreaterThan(40);
    expect([...new Set(named)].toSorted()).toEqual(Object.keys(NEEDED).toSorted());
  });

  it.each(GRANTED.map((scopes) => [scopes.join(', ') || 'none', scopes] as const))(
    'a secret with %s',
    async (_, granted) => {
      const { token, apiKey, apiSecret } = await latchkey.secret(manager.user, { scopes: granted });
      const wrong: unknown[] = [];
      let refused = 0;
      const before = await counted('scope');
      for (const route of routes) {
        const [method, path] = callOf(route);
        const needed = neededBy(route)!;
        const asUnrestricted = await latchkey.call(method, path, { auth: manager.token });
        for (const auth of [token, basic(apiKey, apiSecret)]) {
          const answer = await latchkey.call(method, path, { auth });
          if (['any', 'public'].includes(needed) || opens(granted, needed)) {
            const expected = auth === token ? outcome(asUnrestricted) : undefined;
            if (expected && String(outcome(answer)) !== String(expected))
              wrong.push([route, outcome(answer), expected]);
            if (answer.json?.code === 'insufficient_scope' || answer.status >= 500) wrong.push([route, answer.text]);
          } else {
            refused++;
            const complaint = complaintOf(answer, needed, route);
            if (complaint) wrong.push([route, complaint, answer.text]);
          }
        }
      }
      expect(wrong).toEqual([]);
      expect((await counted('scope')) - before).toBe(refused);
    },
  );

  /** What is wrong with a refusal. */
  function complaintOf({ status, json, headers }: Answer, needed: string, route: string): string | undefined {
    const sentence = `This needs a secret with the scope "${needed}".`;
    if (status !== 403) return 'status';
    if (route.includes('/api/')) {
      if (headers['www-authenticate']) return 'a challenge';
      if (route.includes('/v2/')) {
        const [{ type, message }] = json.errors;
        return type === 'PermissionError' && message.includes(needed) ? undefined : 'v2';
      }
      return json.exc_type === 'PermissionError' && json.exception.endsWith(sentence) ? undefined : 'v1';
    }
    const { code, detail, requiredScopes } = json;
    if (code !== 'insufficient_scope' || detail !== sentence) return 'problem';
    if (JSON.stringify(requiredScopes) !== JSON.stringify([needed])) return 'requiredScopes';
    const challenge = `token realm="latchkey", error="insufficient_scope", scope="${needed}"`;
    return headers['www-authenticate'] === challenge ? undefined : 'challenge';
  }

  it('to a session, as to an unrestricted secret; to nobody, none but the public ones', async () => {
    const password = 'a password to test with';
    const user = newName();
    await latchkey.accounts.create(OPERATOR, { email: user, fullName: 'S', roles: [SYSTEM_MANAGER], password });
    const logIn = () => latchkey.call('POST', '/v1/session', { json: { user, password } });
    const wrong: unknown[] = [];
    for (const route of routes) {
      const [method, path] = callOf(route);
      const cookie = String((await logIn()).headers['set-cookie']).split(';')[0]!; // some routes end it
      const bySession = await latchkey.call(method, path, { headers: { cookie } });
      const { status } = bySession;
      if (status >= 500 || status === 401 || bySession.json?.code === 'insufficient_scope') {
        if (!path.endsWith('/login') && path !== '/v1/session') wrong.push([route, bySession.text]);
      }
      const byNobody = await latchkey.call(method, path);
      const isOpen = neededBy(route) === 'public';
      // A log-in that names nobody is 401 of its own, and Frappe says 403 where a method is not for guests.
      const isRefused = route.includes('/api/') ? byNobody.status === 403 : byNobody.status === 401;
      if (isRefused === isOpen && !path.endsWith('/login')) wrong.push([route, byNobody.status, byNobody.text]);
    }
    expect(wrong).toEqual([]);
  });

  it('judge the scope before the role, and need both', async () => {
    const { user } = await latchkey.key();
    const call = async (...scopes: string[]) =>
      latchkey.call('GET', '/v1/users', { auth: (await latchkey.secret(user, { scopes })).token });
    expect(outcome(await call('keys:read'))).toEqual([403, 'insufficient_scope']);
    expect(outcome(await call('users:read'))).toEqual([403, 'forbidden']);
  });

  it('tell nothing of scopes to who has proved nothing', async () => {
    const { apiKey } = await latchkey.secret(manager.user, { scopes: [] });
    const before = await counted('scope');
    const { status, headers, text } = await latchkey.call('GET', '/v1/users', { auth: `token ${apiKey}:wrong` });
    expect([status, headers['www-authenticate']]).toEqual([401, expect.not.stringContaining('scope')]);
    expect(text).not.toContain('scope');
    expect(await counted('scope')).toBe(before);
  });

  it('/v1/me tells what a secret may, and its name', async () => {
    const { token, id, apiKey } = await latchkey.secret(manager.user, {
      name: 'ci',
      scopes: ['keys:read', 'audit:read'],
    });
    const me = async (options: Options) => (await latchkey.call('GET', '/v1/me', options)).json.credential;
    expect(await me({ auth: token })).toEqual({
      type: 'api-key',
      apiKey,
      secretId: id,
      secretName: 'ci',
      scopes: ['audit:read', 'keys:read'],
      limits: null,
    });
    expect(await me({ auth: manager.token })).toMatchObject({ secretName: 'default', scopes: null });
  });
});

/** A strategy that a host may have beside ours: whoever says "Bearer jwt" is somebody. */
@Injectable()
class JwtStrategy extends PassportStrategy(Strategy, 'test-jwt') {
  validate({ headers }: { headers: Record<string, string> }) {
    return headers.authorization === 'Bearer jwt' ? { name: 'jwt@example.com', roles: ['A'] } : null;
  }
}

@Scopes('reports:read', 'reports:admin')
class Routes {
  @Get('by-class') byClass() {}
  @Get('by-method') @Scopes('invoices:read') byMethod() {}
  @Get('nothing') @Scopes() nothing() {}
  @Get('any') @AnyScope() any() {}
  @Get('open') @Public() open() {}
  @Get('open-to-any') @Public() @AnyScope() openToAny() {}
  @Get('has-scope') @AnyScope() hasScope(@CurrentPrincipal() caller: Principal) {
    return { may: hasScope(caller, 'invoices:read'), mayMore: hasScope(caller, 'invoices:2026:read') };
  }
}

@Controller('class')
@UseGuards(ApiKeyAuthGuard)
class OnClass extends Routes {}

@Controller('bare')
class Bare extends Routes {}

/** As docs/nest.md has it for a key or a JWT. */
@Controller('either')
@UseGuards(AuthGuard(['latchkey-token', 'latchkey-basic', 'test-jwt']), RolesGuard)
class Either extends Routes {}

@Controller('silent')
@UseGuards(ApiKeyAuthGuard)
class Silent {
  @Get() get() {}
  @Post() post() {}
  @Get('open') @Public() open() {}
}

const SCOPES = {
  'reports:read': 'Read reports',
  'reports:admin': 'Change reports',
  'invoices:read': 'Read invoices',
  'invoices:2026:read': 'Read those of 2026',
};
const byAppGuard = { provide: APP_GUARD, useClass: ApiKeyAuthGuard };

/** For nobody, null, [], reports:read, reports:*, invoices:*. */
const EXPECTED: Record<string, number[]> = {
  'by-class': [401, 200, 403, 200, 200, 403],
  'by-method': [401, 200, 403, 403, 403, 200],
  nothing: [401, 200, 403, 403, 403, 403],
  any: [401, 200, 200, 200, 200, 200],
  open: [200, 200, 403, 200, 200, 403],
  'open-to-any': [200, 200, 200, 200, 200, 200],
};

describe.each([
  ['on the class', OnClass, []],
  ['by APP_GUARD', Bare, [byAppGuard]],
  ['by the name of the strategy, with RolesGuard', Either, [JwtStrategy]],
] as const)('in a host, %s', (_where, controller, providers) => {
  let host: Host;
  let callers: (string | undefined)[];
  beforeAll(async () => {
    host = await startHost({ controllers: [controller, Silent], providers: [...providers], scopes: SCOPES });
    const { name, token } = await host.token();
    callers = [undefined, token];
    for (const scopes of [[], ['reports:read'], ['reports:*'], ['invoices:*']]) {
      callers.push(await host.secret(name, { scopes }));
    }
  });
  afterAll(() => host?.close());

  const at = (route: string) => `/${Reflect.getMetadata('path', controller)}/${route}`;
  const ask = (route: string, auth: string | undefined) =>
    host.call('GET', at(route), auth === undefined ? {} : { auth });

  it('has nothing to say at the start', () => expect(host.log).toEqual([]));

  it.each(Object.entries(EXPECTED))('%s', async (route, statuses) => {
    // By name, Passport asks for a credential on public routes too.
    const isByName = controller === Either;
    const expected = statuses.map((status, i) => (isByName && i === 0 ? 401 : status));
    for (let i = 0; i < 2; i++) {
      const seen: number[] = [];
      for (const auth of callers) seen.push((await ask(route, auth)).status);
      expect(seen).toEqual(expected);
    }
  });

  it('a refusal names the scopes that would do, in the answer and in its challenge', async () => {
    const refused = await ask('by-class', callers[2]);
    expect(refused.headers['www-authenticate']).toBe(
      'token realm="latchkey", error="insufficient_scope", scope="reports:read reports:admin"',
    );
    expect(refused.json.message).toBe('This needs a secret with the scope "reports:read" or "reports:admin".');
    const closed = await ask('nothing', callers[2]);
    expect(closed.headers['www-authenticate']).toBe('token realm="latchkey", error="insufficient_scope"');
    expect(closed.json.message).toBe('This is closed to secrets with scopes.');
  });

  it('hasScope() says what a decorator cannot', async () => {
    const said = async (auth: string | undefined) => (await ask('has-scope', auth)).json;
    expect(await said(callers[1])).toEqual({ may: true, mayMore: true });
    expect(await said(callers[3])).toEqual({ may: false, mayMore: false });
    expect(await said(callers[5])).toEqual({ may: true, mayMore: true });
  });

  it('a route that names none is closed to every secret with scopes', async () => {
    for (const [method, path] of [
      ['GET', '/silent'],
      ['POST', '/silent'],
      ['GET', '/silent/open'],
    ] as const) {
      const seen: number[] = [];
      for (const auth of callers.slice(1)) seen.push((await host.call(method, path, { auth: auth! })).status);
      expect(seen).toEqual([method === 'POST' ? 201 : 200, 403, 403, 403, 403]);
    }
  });

  if (controller === Either) {
    it("a host's own principal has no scopes of ours, and passes", async () => {
      for (const route of Object.keys(EXPECTED)) expect((await ask(route, 'Bearer jwt')).status).toBe(200);
      expect((await ask('has-scope', 'Bearer jwt')).json).toEqual({ may: true, mayMore: true });
      expect((await ask('any', 'Bearer other')).status).toBe(401);
    });
  }
});

describe('a host', () => {
  let host: Host;
  afterEach(() => host?.close());

  it('that declares scopes makes them known, with its words, and only those can be given', async () => {
    host = await startHost({ controllers: [OnClass], scopes: SCOPES });
    const scopes = host.app.get(ScopesService);
    expect(await scopes.list(OPERATOR)).toEqual(
      expect.arrayContaining(Object.entries(SCOPES).map(([name, description]) => ({ name, description }))),
    );
    const { name } = await host.token();
    for (const unknown of ['reports:reed', 'report:*', 'reports', 'invoices:2026:*:read']) {
      await expect(host.secret(name, { scopes: ['reports:read', unknown] })).rejects.toMatchObject({
        code: 'validation_failed',
        errors: [expect.objectContaining({ field: 'scopes' })],
      });
    }
    await scopes.ensure({ 'reports:read': 'Other words' });
    expect(await scopes.list(OPERATOR)).toContainEqual({ name: 'reports:read', description: 'Other words' });
  });

  it.each([['Reports:read'], ['reports:'], ['reports:*'], [''], ['a b']])('can not need %p', (scope) => {
    expect(() => Scopes(scope)).toThrow('@Scopes');
  });

  it('with @Scopes and no guard is told so at the start', async () => {
    host = await startHost({ controllers: [Bare], scopes: SCOPES });
    const said = host.log.filter((line) => line.includes('has no effect')).join('\n');
    expect(said).toContain('@Scopes("reports:read", "reports:admin") on Bare.byClass has no effect');
    expect(said).toContain('@Scopes("invoices:read") on Bare.byMethod has no effect');
    expect(said).toContain('@AnyScope() on Bare.any has no effect');
    expect(said).toContain('Add @UseGuards(ApiKeyAuthGuard).');
  });

  it('needs role and scope where both stand', async () => {
    @Controller('both')
    @UseGuards(ApiKeyAuthGuard)
    class Both {
      @Get() @Roles('A') @Scopes('reports:read') get() {}
    }
    host = await startHost({ controllers: [Both], scopes: SCOPES });
    const status = async (roles: string[], scopes: string[]) => {
      const { name } = await host.token(...roles);
      const auth = await host.secret(name, { scopes });
      return (await host.call('GET', '/both', { auth })).status;
    };
    expect(await status(['A'], ['reports:read'])).toBe(200);
    expect(await status([], ['reports:read'])).toBe(403);
    expect(await status(['A'], ['invoices:read'])).toBe(403);
  });
});
