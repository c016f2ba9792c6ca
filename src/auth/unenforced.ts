import { Injectable, Logger, type OnApplicationBootstrap, type Type } from '@nestjs/common';
import { ApplicationConfig, DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ApiKeyAuthGuard } from './api-key-auth.guard.js';
import { type NeededScopes, PUBLIC, ROLES, SCOPES } from './decorators.js';
import { RolesGuard } from './roles.guard.js';

/** The metadata key of `@UseGuards` in Nest: instances and classes. */
const GUARDS = '__guards__';
/** The metadata key of `@WebSocketGateway`. Global guards do not apply to gateways. */
const GATEWAY = 'websockets:is_gateway';

/**
 * At the start, finds handlers with `@Roles`, `@Scopes` or `@Public` but without one of our guards: the decorator alone does
 * nothing, and such a route is open. It is logged and not thrown, since a guard of the host may call ours, which can't
 * be seen here.
 */
@Injectable()
export class UnenforcedDecorators implements OnApplicationBootstrap {
  private readonly logger = new Logger('AuthModule');

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
    private readonly app: ApplicationConfig,
  ) {}

  onApplicationBootstrap(): void {
    const ofRequests = this.app.getGlobalRequestGuards().map(({ metatype }) => metatype);
    const isCovered = [...this.app.getGlobalGuards(), ...ofRequests].some(isOurs);
    // Resolvers and gateways are providers.
    const wrappers = [...this.discovery.getControllers(), ...this.discovery.getProviders()];
    for (const type of new Set(wrappers.map(({ metatype }) => metatype))) {
      if (typeof type !== 'function' || !type.prototype) continue;
      if (!isCovered || Reflect.hasMetadata(GATEWAY, type)) this.reportUnenforced(type as Type);
    }
  }

  private reportUnenforced(type: Type): void {
    for (const name of this.scanner.getAllMethodNames(type.prototype)) {
      const handler = type.prototype[name];
      // A method without any decorator is not a handler, whatever its class has.
      if (Reflect.getMetadataKeys(handler).length === 0) continue;
      const roles = this.reflector.getAllAndOverride<string[] | undefined>(ROLES, [handler, type]);
      const isPublic = this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, [handler, type]);
      const scopes = this.reflector.getAllAndOverride<NeededScopes | undefined>(SCOPES, [handler, type]);
      if (!roles && !scopes && !isPublic) continue;
      if (this.reflector.getAllAndMerge<unknown[]>(GUARDS, [handler, type]).some(isOurs)) continue;
      const decorators = [
        ...(roles ? [`@Roles(${roles.map((role) => `"${role}"`).join(', ')})`] : []),
        ...(scopes === 'any' ? ['@AnyScope()'] : []),
        ...(scopes && scopes !== 'any' ? [`@Scopes(${scopes.map((scope) => `"${scope}"`).join(', ')})`] : []),
        ...(isPublic ? ['@Public()'] : []),
      ].join(' and ');
      const text = `${decorators} on ${type.name}.${name} has no effect: neither ApiKeyAuthGuard nor RolesGuard stands before it.`;
      if (roles || scopes) this.logger.error(`${text} Add @UseGuards(ApiKeyAuthGuard).`);
      else this.logger.warn(text);
    }
  }
}

function isOurs(guard: unknown): boolean {
  return [ApiKeyAuthGuard, RolesGuard].some((ours) =>
    typeof guard === 'function' ? guard === ours || guard.prototype instanceof ours : guard instanceof ours,
  );
}
