import { type ExecutionContext, Injectable } from '@nestjs/common';
import { ModuleRef, Reflector } from '@nestjs/core';
import { AuthGuard, AuthModuleOptions } from '@nestjs/passport';
import passport, { type Strategy } from 'passport';
import { LatchkeyError } from '../latchkey.error.js';
import { authorizationOf, describe } from './authorization-header.js';
import { policyOf } from './decorators.js';
import { type HttpRequest, rawOf } from './http.js';
import { refuseWithoutRole } from './roles.js';
import { lacksScope, refuseOnRouteWithoutScope } from './scopes.js';
import { Schemes } from './schemes.js';
import { isLimited, type ResponseWithHeaders, tellAllowances, tellLimitReached } from './rate-limit-headers.js';
import { type Allowance, LimitReached } from '../verification/shares.js';
import { BAD_CREDENTIALS, type Principal } from '../users/principal.js';
import { challengeFor, unauthenticated } from './unauthenticated.js';

/** On a request that its limits have let in: a second guard, as on a class and for the whole app, does not count it again. */
const COUNTED = Symbol('counted by the limits of its secret');

/**
 * Lets in a caller with a valid `token` or Basic credential, a scope that `@Scopes(…)` needs where its secret has scopes, and
 * a role that `@Roles(…)` asks for. It puts the `Principal` on `request.user`. For controllers of any module; on contexts
 * other than HTTP, override `getRequest(context)`.
 */
@Injectable()
export class ApiKeyAuthGuard extends AuthGuard(['latchkey-token', 'latchkey-basic']) {
  declare readonly options: AuthModuleOptions;
  private ofThisApp?: Schemes;

  // Only what Nest provides everywhere: Nest resolves a guard's dependencies in the module that uses it.
  constructor(
    private readonly reflector: Reflector,
    private readonly moduleRef: ModuleRef,
  ) {
    super();
  }

  /** Decides at once when memory knows the caller, and holds a share for one with limits; else through Passport. */
  override canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const { ignoresCredentials, isPublic, scopes } = policyOf(this.reflector, context);
    if (ignoresCredentials) return true;
    const request = this.getRequest(context);
    const header = authorizationOf(rawOf(request));
    if (header === undefined) {
      const unproved = () => isPublic || this.askPassport(context);
      const proof = this.proveOtherwise(request);
      return proof === false
        ? unproved()
        : proof.then((isProved) => (isProved ? this.admit(context, request.user) : unproved()));
    }
    const principal = this.schemes.findCached(header, request);
    if (principal === undefined) return this.askPassport(context);
    // A scope that memory does not have may have been given a moment ago, on another node.
    if (lacksScope(principal, scopes)) return this.schemes.catchUp().then(() => this.askPassport(context));
    // Passport ends there, too: so a host's own `handleRequest` is called in either case.
    const refusal = principal === null ? unauthenticated(BAD_CREDENTIALS) : null;
    return this.settle(context, refusal, principal ?? false);
  }

  private get schemes(): Schemes {
    try {
      this.ofThisApp ??= this.moduleRef.get<Schemes>(Schemes, { strict: false });
      return this.ofThisApp;
    } catch (cause) {
      throw new Error('ApiKeyAuthGuard asks its own app, and that one does not import AuthModule.', { cause });
    }
  }

  /** Does what `AuthGuard` does, with the strategies of this app: by name, there is one of each for the whole process. */
  private async askPassport(context: ExecutionContext): Promise<boolean> {
    const { defaultStrategy: _, property: __, ...options } = this.options;
    const asked = { session: false, ...options, ...(await this.getAuthenticateOptions(context)) };
    // Passport sets the callbacks of a request on a strategy that is passed as an object, so each request has its own
    // objects.
    const strategies = this.schemes.all.map((scheme) => Object.create(scheme)) as unknown as Strategy;
    return new Promise((resolve, reject) => {
      const answered = (error: unknown, principal: unknown, info: unknown, status: unknown) => {
        try {
          resolve(this.settle(context, error, principal, info, status));
        } catch (refusal) {
          reject(refusal as Error);
        }
      };
      passport.authenticate(strategies, asked, answered)(this.getRequest(context), this.getResponse(context), reject);
    });
  }

  private settle(
    context: ExecutionContext,
    error: unknown,
    principal: unknown,
    info?: unknown,
    status?: unknown,
  ): true | Promise<true> {
    const request = this.getRequest(context) as unknown as Record<string, unknown>;
    const user: unknown = this.handleRequest(error, principal, info, context, status);
    request[this.options.property ?? 'user'] = user;
    return this.admit(context, user);
  }

  private admit(context: ExecutionContext, principal: unknown): true | Promise<true> {
    const { scopes, roles } = policyOf(this.reflector, context);
    refuseOnRouteWithoutScope(context, principal, scopes);
    if (this.judgesRoles()) refuseWithoutRole(principal, roles);
    return isLimited(principal) ? this.countLimited(context, principal) : true;
  }

  /** One of the requests that its limits allow. */
  private countLimited(context: ExecutionContext, principal: Principal): true | Promise<true> {
    const response: ResponseWithHeaders | undefined =
      context.getType() === 'http' ? context.switchToHttp().getResponse() : undefined;
    const refuse = (error: unknown): never => {
      if (response && error instanceof LimitReached) tellLimitReached(response, error);
      throw error;
    };
    const request: HttpRequest & { [COUNTED]?: true } = this.getRequest(context);
    if (request[COUNTED]) return true;
    const tell = (allowances: readonly Allowance[] | undefined): true => {
      request[COUNTED] = true;
      if (response && allowances) tellAllowances(response, allowances);
      return true;
    };
    try {
      const taken = this.schemes.shares.take(principal);
      return taken instanceof Promise ? taken.then(tell, refuse) : tell(taken);
    } catch (error) {
      return refuse(error);
    }
  }

  /** False in Latchkey itself, where forgery is judged before the role, and `RolesGuard` judges that. */
  protected judgesRoles(): boolean {
    return true;
  }

  /** Another way to prove a caller without Authorization header: true when it has put the principal on the request. */
  protected proveOtherwise(_request: HttpRequest): false | Promise<boolean> {
    return false;
  }

  /**
   * Whether a public route lets in a caller whose header has another scheme, such as a host's own `Bearer`, which is not
   * ours to judge. Latchkey itself, which has no other scheme, overrides this.
   */
  protected passesForeignSchemes(): boolean {
    return true;
  }

  /** A sentence about a request that proves nobody. */
  protected describe(request: HttpRequest): string {
    return describe(authorizationOf(rawOf(request)));
  }

  override getRequest(context: ExecutionContext): HttpRequest {
    if (context.getType() !== 'http') {
      throw new Error(
        `ApiKeyAuthGuard can't find the request of a "${context.getType()}" context: override getRequest(context).`,
      );
    }
    return super.getRequest(context);
  }

  getResponse(context: ExecutionContext): unknown {
    return context.switchToHttp().getResponse();
  }

  /** Keeps three answers apart: a principal, a refusal (401), and a failure that says nothing about the caller. */
  override handleRequest<T>(
    error: unknown,
    principal: T | false,
    _info: unknown,
    context: ExecutionContext,
    _status?: unknown,
  ): T {
    const request = this.getRequest(context);
    if (principal) {
      request.user = principal; // beside any other name that PassportModule was told to use
      return principal;
    }
    if (!error && this.passesForeignSchemes() && policyOf(this.reflector, context).isPublic) return undefined as T;
    const reason = error ?? unauthenticated(this.describe(request));
    if (reason instanceof LatchkeyError && reason.code === 'unauthenticated' && context.getType() === 'http') {
      const response = context.switchToHttp().getResponse();
      response.header('WWW-Authenticate', challengeFor(request.headers));
      response.header('Cache-Control', 'no-store');
    }
    throw reason;
  }
}
