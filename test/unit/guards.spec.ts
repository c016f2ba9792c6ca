import { describe, expect, it } from '@jest/globals';
import { Controller, type ExecutionContext, Get } from '@nestjs/common';
import { type ModuleRef, Reflector } from '@nestjs/core';
import { ApiKeyAuthGuard } from '../../src/auth/api-key-auth.guard.js';
import { AnyScope, NoAuthentication, Public, Roles, Scopes } from '../../src/auth/decorators.js';
import { RolesGuard } from '../../src/auth/roles.guard.js';

@Controller()
@Roles('A')
class Routes {
  @Get() byClass() {}
  @Roles('B', 'C') @Get() byMethod() {}
  @Roles() @Get() anyone() {}
  @Roles() @Scopes('reports:read') @Get() reports() {}
  @Roles() @AnyScope() @Get() self() {}
  @Public() @Get() open() {}
  @Public() @Roles() @Get() openToAll() {}
  @NoAuthentication() @Roles() @Get() health() {}
}

function contextOf(route: keyof Routes, user?: unknown, type = 'http'): ExecutionContext {
  const request = { user, headers: {}, rawHeaders: [] };
  const http = { getRequest: () => request, getResponse: () => ({ header() {} }) };
  return {
    getHandler: () => Routes.prototype[route],
    getClass: () => Routes,
    getType: () => type,
    switchToHttp: () => http,
  } as unknown as ExecutionContext;
}

describe('RolesGuard', () => {
  const guard = new RolesGuard(new Reflector());
  const passes = (route: keyof Routes, user?: unknown) => {
    try {
      return guard.canActivate(contextOf(route, user));
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('the method overrides the class; any of the roles will do; none means anyone proved', () => {
    expect(passes('byClass', { roles: ['A'] })).toBe(true);
    expect(passes('byClass', { roles: ['B'] })).toBe('This needs the role "A".');
    expect(passes('byMethod', { roles: ['C'] })).toBe(true);
    expect(passes('byMethod', { roles: ['A'] })).toBe('This needs the role "B" or "C".');
    expect(passes('anyone', { roles: [] })).toBe(true);
  });

  it('without a principal it refuses, but for what is open and asks for no role', () => {
    for (const route of ['byClass', 'byMethod', 'anyone', 'open'] as const)
      expect(passes(route)).toMatch(/^This needs a caller/);
    for (const route of ['openToAll', 'health'] as const) expect(passes(route)).toBe(true);
  });

  it('a principal of another strategy, without roles, holds none', () => {
    expect(passes('byClass', { sub: '1' })).toBe('This needs the role "A".');
    expect(passes('anyone', { sub: '1' })).toBe(true);
  });
});

describe('RolesGuard, after AuthGuard with several strategies', () => {
  const guard = new RolesGuard(new Reflector());
  const judge = (route: keyof Routes, scopes: string[] | null) => () =>
    guard.canActivate(contextOf(route, { roles: ['A'], credential: { scopes } }));

  it('a secret with scopes needs one that the route names', () => {
    expect(judge('reports', ['reports:read'])()).toBe(true);
    expect(judge('reports', ['reports:*'])()).toBe(true);
    expect(judge('self', [])()).toBe(true);
    expect(judge('reports', ['users:read'])).toThrow('This needs a secret with the scope "reports:read".');
  });

  it('a route that names no scope is closed to it, also with the role', () => {
    expect(judge('byClass', ['reports:read'])).toThrow('This is closed to secrets with scopes.');
    expect(judge('byClass', null)()).toBe(true);
  });
});

describe('in a context that is not HTTP', () => {
  it('both say which method to override', () => {
    const context = contextOf('anyone', undefined, 'rpc');
    expect(() => new RolesGuard(new Reflector()).canActivate(context)).toThrow('override getRequest(context)');
    expect(() => new ApiKeyAuthGuard(new Reflector(), {} as ModuleRef).canActivate(context)).toThrow(
      'override getRequest(context)',
    );
  });
});
