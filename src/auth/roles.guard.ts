import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { policyOf } from './decorators.js';
import { refuseWithoutRole, unproved } from './roles.js';
import { refuseOnRouteWithoutScope } from './scopes.js';

/**
 * Lets in a principal with any of the roles of `@Roles(…)` and, where its secret has scopes, any of those of `@Scopes(…)`;
 * it comes after the guard that proves the principal. It is for `AuthGuard([…])` with several strategies, since
 * `ApiKeyAuthGuard` judges the callers of its own. It reads only the principal, never the database. A request without a
 * principal is refused, except on `@Public()` routes.
 */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const { roles, scopes, isPublic, ignoresCredentials } = policyOf(this.reflector, context);
    const { user } = this.getRequest(context);
    if (!user && !isPublic && !ignoresCredentials) throw unproved();
    refuseOnRouteWithoutScope(context, user, scopes);
    refuseWithoutRole(user, roles);
    return true;
  }

  getRequest(context: ExecutionContext): { user?: unknown } {
    if (context.getType() !== 'http') {
      throw new Error(
        `RolesGuard can't find the request of a "${context.getType()}" context: override getRequest(context).`,
      );
    }
    return context.switchToHttp().getRequest();
  }
}
