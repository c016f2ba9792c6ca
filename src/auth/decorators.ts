import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { Actor, Principal } from '../users/principal.js';
import type { HttpRequest } from './http.js';

export const PUBLIC = 'latchkey:public';
export const NO_AUTHENTICATION = 'latchkey:no-authentication';
export const ROLES = 'latchkey:roles';

/** Opens a route to callers without a credential. One that is sent all the same is judged, and refused when bad. */
export const Public = () => SetMetadata(PUBLIC, true);

/** For health checks and the like: opens a route, and ignores what credential is sent. */
export const NoAuthentication = () => SetMetadata(NO_AUTHENTICATION, true);

/** Asks for any of these roles. On a method it replaces what its class asks for; without names, anyone proved may. */
export const Roles = (...roles: string[]) => SetMetadata(ROLES, roles);

/** The caller: a `Principal`, or undefined on a public route without a credential. */
export const CurrentPrincipal = createParamDecorator(
  (_: unknown, context: ExecutionContext): Principal | undefined => requestOf(context).user,
);

/** The caller as the actor of a service, with the origin of the request for the audit line. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor | undefined => {
  const { user, ip, id } = requestOf(context);
  return user && { ...user, origin: { address: ip ?? '', requestId: String(id ?? '') } };
});

function requestOf(context: ExecutionContext): Omit<HttpRequest, 'user'> & { user?: Principal } {
  const request = context.switchToHttp().getRequest();
  return {
    user: request.user ?? undefined,
    ip: request.ip,
    id: request.id,
    method: request.method,
    headers: request.headers,
  };
}
