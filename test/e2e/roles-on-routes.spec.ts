import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, Post, SetMetadata, type Type, UseGuards } from '@nestjs/common';
import { APP_GUARD, ModuleRef, Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { ApiKeyAuthGuard, Public, Roles, RolesGuard } from '../../src/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { basic } from '../support/http.js';
import { type Host, type HostOptions, startHost } from '../support/host.js';

/** What `@Roles` and `@Public` on a route ask, wherever the guard stands: on class or method, global, inherited. */

@Roles('A')
class Routes {
  @Get('by-class') byClass() {}
  @Get('by-method') @Roles('B', 'C') byMethod() {}
  @Get('anyone') @Roles() anyone() {}
  @Get('open') @Public() @Roles() open() {}
  @Get('open-to-a-role') @Public() openToRole() {}
}

@Controller('class')
@UseGuards(ApiKeyAuthGuard)
class OnClass extends Routes {}

@Controller('beside')
@UseGuards(ApiKeyAuthGuard, RolesGuard)
class Beside extends Routes {}

@Controller('inherited')
class Inherited extends OnClass {}

@Controller('bare')
class Bare extends Routes {}

@Controller('overridden')
@Roles('B')
class Overridden extends OnClass {}

@Controller('method')
class OnMethod {
  @Get('by-method') @UseGuards(ApiKeyAuthGuard) @Roles('B', 'C') byMethod() {}
  @Get('anyone') @UseGuards(ApiKeyAuthGuard) anyone() {}
  @Get('open') @UseGuards(ApiKeyAuthGuard) @Public() open() {}
}

@Injectable()
class OwnGuard extends ApiKeyAuthGuard {}

@Controller('subclass')
@UseGuards(OwnGuard)
class BySubclass extends Routes {}

const BY_CLASS = {
  'by-class': [401, 403, 200, 403],
  'by-method': [401, 403, 403, 200],
  anyone: [401, 200, 200, 200],
  open: [200, 200, 200, 200],
  'open-to-a-role': [401, 403, 200, 403],
};
const FOR_B = { ...BY_CLASS, 'by-class': [401, 403, 403, 200], 'open-to-a-role': [401, 403, 403, 200] };
const { 'by-class': _, 'open-to-a-role': __, ...ON_METHOD } = BY_CLASS;

const byAppGuard = { providers: [{ provide: APP_GUARD, useClass: ApiKeyAuthGuard }] };
const byUse: Partial<HostOptions> = {
  globalGuards: (app) => [new ApiKeyAuthGuard(app.get(Reflector), app.get(ModuleRef, { strict: false }))],
};

const table: [where: string, controller: Type, Partial<HostOptions>, Record<string, number[]>][] = [
  ['on the class', OnClass, {}, BY_CLASS],
  ['on the method', OnMethod, {}, ON_METHOD],
  ['with RolesGuard beside it', Beside, {}, BY_CLASS],
  ['by APP_GUARD', Bare, byAppGuard, BY_CLASS],
  ['by useGlobalGuards', Bare, byUse, BY_CLASS],
  ['on an inherited controller', Inherited, {}, BY_CLASS],
  ['on an inherited controller that asks for another role', Overridden, {}, FOR_B],
  ['as a subclass', BySubclass, {}, BY_CLASS],
];

describe.each(table)('ApiKeyAuthGuard %s', (_where, controller, options, expected) => {
  let host: Host;
  let callers: (string | undefined)[];
  beforeAll(async () => {
    host = await startHost({ controllers: [controller], ...options });
    callers = [undefined];
    for (const roles of [[], ['A'], ['B']]) callers.push((await host.token(...roles)).token);
  });
  afterAll(() => host?.close());

  it.each(Object.entries(expected))('%s', async (route, statuses) => {
    const path = `/${Reflect.getMetadata('path', controller)}/${route}`;
    // Twice, since the second time memory knows the caller; a public route last answers by either.
    for (let i = 0; i < 2; i++) {
      const seen: number[] = [];
      for (const auth of callers) {
        const { status, json } = await host.call('GET', path, auth === undefined ? {} : { auth });
        seen.push(status);
        if (status === 403) expect(json.message).toMatch(/^This needs the role "/);
      }
      expect(seen).toEqual(statuses);
    }
  });

  it('and the start has nothing to say', () => expect(host.log).toEqual([]));
});

describe("the server's own routes", () => {
  let latchkey: TestApp;
  beforeAll(async () => {
    latchkey = await startApp();
  });
  afterAll(() => latchkey.close());

  it('judge forgery before the role, and the start has nothing to say', async () => {
    const { apiKey, apiSecret, token } = await latchkey.key();
    const auth = basic(apiKey, apiSecret);
    const headers = { 'sec-fetch-site': 'cross-site' };
    const forged = await latchkey.call('POST', '/v1/users', { auth, headers });
    expect([forged.status, forged.json.code]).toEqual([403, 'cross_site']);
    const asked = await latchkey.call('POST', '/v1/users', { auth: token });
    expect([asked.status, asked.json.code]).toEqual([403, 'forbidden']);
    expect(latchkey.log.filter(({ msg }) => /no effect/.test(String(msg)))).toEqual([]);
  });
});

describe('a decorator that nothing enforces', () => {
  let host: Host;
  afterEach(() => host.close());

  it.each([
    ['@Roles on a class without a guard', Bare, 'Bare.byClass', '@Roles("A")'],
    ['@Roles on a method', Bare, 'Bare.byMethod', '@Roles("B", "C")'],
    ['@Public', Bare, 'Bare.openToRole', '@Public()'],
  ])('%s: the start says so', async (_name, controller, handler, decorator) => {
    host = await startHost({ controllers: [controller] });
    const line = host.log.find((text) => text.includes(`${handler} `));
    expect(line).toContain(`${decorator} on ${handler} has no effect: neither ApiKeyAuthGuard nor RolesGuard`);
  });

  it('one line for each handler that is not covered, and none for those that are', async () => {
    @Controller('mixed')
    class Mixed {
      @Get() @UseGuards(ApiKeyAuthGuard) @Roles('A') covered() {}
      @Get('roles') @UseGuards(AuthGuard(['latchkey-token']), RolesGuard) @Roles('A') byRolesGuard() {}
      @Post() @UseGuards(AuthGuard(['latchkey-token'])) @Roles('A') byName() {}
      @Post('plain') plain() {}
      @Roles('A') helper() {} // no route, but somebody has meant something by it
    }
    host = await startHost({ controllers: [Mixed] });
    const found = host.log.map((text) => /on (\S+) has no effect/.exec(text)?.[1]);
    expect(found.toSorted()).toEqual(['Mixed.byName', 'Mixed.helper']);
  });

  it('on the handlers of providers too, as a resolver or a gateway has', async () => {
    @Injectable()
    @Roles('A')
    class Resolver {
      query() {}
      @Roles('B') mutation() {}
    }
    host = await startHost({ controllers: [], providers: [Resolver] });
    expect(host.log.join('\n')).toContain('@Roles("B") on Resolver.mutation has no effect');
    expect(host.log.join('\n')).not.toContain('Resolver.query');
  });

  it('on a gateway also where the guard is global, since that does not stand before gateways', async () => {
    @Injectable()
    @SetMetadata('websockets:is_gateway', true) // what @WebSocketGateway leaves
    class Gateway {
      @Roles('A') message() {}
    }
    host = await startHost({ controllers: [Bare], providers: [Gateway, ...byAppGuard.providers] });
    expect(host.log).toEqual([expect.stringContaining('Gateway.message')]);
  });
});
