import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { Actor, Principal } from '../users/principal.js';
import { isScope } from '../users/scopes.js';
import type { HttpRequest } from './http.js';

export const PUBLIC = 'latchkey:public';
export const NO_AUTHENTICATION = 'latchkey:no-authentication';
export const ROLES = 'latchkey:roles';
export const SCOPES = 'latchkey:scopes';

/** Any of these scopes opens a route to a secret that has scopes; `any`: every secret does. */
export type NeededScopes = readonly string[] | 'any';

/**
 * Opens a route to callers without a credential. A credential that is sent is still judged, and refused when it is bad.
 * When the route or its class also asks for a role, the role counts.
 */
export const Public = () => SetMetadata(PUBLIC, true);

/** For health checks and the like: opens a route, and ignores any credential. */
export const NoAuthentication = () => SetMetadata(NO_AUTHENTICATION, true);

/** Asks for any of these roles. On a method it replaces that of the class; without names, any proved caller may pass. */
export const Roles = (...roles: string[]) => SetMetadata(ROLES, roles);

/**
 * Opens a route to secrets with any of these scopes; without it, a route is closed to every secret that has scopes. On a
 * method it replaces that of the class. Unrestricted secrets, sessions and a host's own principals pass. The roles count
 * all the same.
 */
export const Scopes = (...scopes: string[]) => {
  const bad = scopes.find((scope) => !isScope(scope));
  if (bad !== undefined) throw new Error(`@Scopes: "${bad}" is no scope that a route can need, as in "reports:read".`);
  return SetMetadata(SCOPES, scopes);
};

/** Opens a route to every proved secret, whatever its scopes. On a method it replaces what the class needs. */
export const AnyScope = () => SetMetadata(SCOPES, 'any');

/** What the decorators of a route ask for. */
export interface Policy {
  readonly isPublic: boolean;
  readonly ignoresCredentials: boolean;
  /** Any of these; empty for any proved caller. */
  readonly roles: readonly string[];
  /** Empty where nothing was said: then the route is closed to secrets with scopes. */
  readonly scopes: NeededScopes;
}

const policies = new WeakMap<object, WeakMap<object, Policy>>();

/** Cached by class and then by handler: an inherited handler serves two classes, and only one may be open. */
export function policyOf(reflector: Reflector, context: ExecutionContext): Policy {
  const [handler, controller] = [context.getHandler(), context.getClass()];
  let ofClass = policies.get(controller);
  if (!ofClass) policies.set(controller, (ofClass = new WeakMap()));
  let policy = ofClass.get(handler);
  if (!policy) {
    const read = <T>(key: string) => reflector.getAllAndOverride<T | undefined>(key, [handler, controller]);
    const roles = read<string[]>(ROLES) ?? [];
    policy = {
      isPublic: read<boolean>(PUBLIC) === true && roles.length === 0,
      ignoresCredentials: read<boolean>(NO_AUTHENTICATION) === true && roles.length === 0,
      roles,
      scopes: read<NeededScopes>(SCOPES) ?? [],
    };
    ofClass.set(handler, policy);
  }
  return policy;
}

/** The caller: a `Principal`, or undefined on a public route without a credential. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Principal | undefined =>
  principalOf(context.switchToHttp().getRequest()),
);

/** The caller as the actor of a service, with the origin of the request for the audit trail. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor | undefined =>
  actorOf(context.switchToHttp().getRequest()),
);

/** What `@CurrentActor()` gives. */
export function actorOf(request: HttpRequest): Actor | undefined {
  const principal = principalOf(request);
  if (!principal) return undefined;
  const { ip: address = '', id: requestId = '', headers } = request;
  return { ...principal, origin: { address, requestId: String(requestId), userAgent: headers['user-agent'] } };
}

function principalOf({ user }: HttpRequest): Principal | undefined {
  return (user as Principal | null | undefined) ?? undefined;
}
