import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { LatchkeyError } from '../latchkey.error.js';
import type { Principal } from '../users/principal.js';
import { policyOf } from './decorators.js';

/**
 * Lets in a principal that holds any of the roles of `@Roles(…)`; comes after the guard that proves the principal. Reads
 * the principal only, never the database. Without a principal it refuses, but for routes that are `@Public()`.
 */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const { roles, isPublic, ignoresCredentials } = policyOf(this.reflector, context);
    const principal = this.getRequest(context).user as Principal | null | undefined;
    if (!principal) {
      if ((isPublic || ignoresCredentials) && roles.length === 0) return true;
      throw new LatchkeyError('forbidden', 'This needs a caller who has proved who it is.');
    }
    // A principal of another strategy (a host's JWT) may hold no roles at all.
    if (roles.length === 0 || roles.some((role) => principal.roles?.includes(role))) return true;
    throw new LatchkeyError('forbidden', `This needs the role ${roles.map((role) => `"${role}"`).join(' or ')}.`);
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
