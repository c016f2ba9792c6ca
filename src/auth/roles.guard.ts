import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { policyOf } from './decorators.js';
import { refuseWithoutRole, unproved } from './roles.js';

/**
 * Lets in a principal that holds any of the roles of `@Roles(…)`; comes after the guard that proves the principal. For
 * principals of other strategies: those of `ApiKeyAuthGuard` it has judged itself. Reads the principal only, never the
 * database. Without a principal it refuses, but for routes that are `@Public()`.
 */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const { roles, isPublic, ignoresCredentials } = policyOf(this.reflector, context);
    const { user } = this.getRequest(context);
    if (!user && !isPublic && !ignoresCredentials) throw unproved();
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
