import { Injectable } from '@nestjs/common';
import { ModuleRef, Reflector } from '@nestjs/core';
import { SessionVerifier } from '../sessions/session-verifier.js';
import { SESSION_ENDED } from '../users/principal.js';
import { ApiKeyAuthGuard } from './api-key-auth.guard.js';
import type { HttpRequest } from './http.js';
import { sessionSecretOf } from './session-cookie.js';

/**
 * The guard of Latchkey as a server. A request with an Authorization header is decided by that header alone, whatever its
 * scheme; a request without one, by its session.
 */
@Injectable()
export class ServerAuthGuard extends ApiKeyAuthGuard {
  constructor(
    reflector: Reflector,
    moduleRef: ModuleRef,
    private readonly sessions: SessionVerifier,
  ) {
    super(reflector, moduleRef);
  }

  protected override proveOtherwise(request: HttpRequest): false | Promise<boolean> {
    const secret = sessionSecretOf(request.headers);
    return secret !== undefined && this.proveBySession(secret, request);
  }

  private async proveBySession(secret: string, request: HttpRequest): Promise<boolean> {
    const principal = await this.sessions.verify(secret);
    if (principal) request.user = principal;
    return principal !== null;
  }

  /** A forged call is refused before its role is judged: see app.module.ts for the order. */
  protected override judgesRoles(): boolean {
    return false;
  }

  protected override passesForeignSchemes(): boolean {
    return false;
  }

  protected override describe(request: HttpRequest): string {
    const { headers } = request;
    const byCookie = headers.authorization === undefined && sessionSecretOf(headers) !== undefined;
    return byCookie ? SESSION_ENDED : super.describe(request);
  }
}
