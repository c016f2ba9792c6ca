import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Principal } from '../users/principal.js';
import { BasicStrategy } from './basic.strategy.js';
import type { HttpRequest } from './http.js';
import { register, type Scheme, unregister } from './scheme.js';
import { ApiKeyVerifier } from '../verification/api-key.verifier.js';
import { Shares } from '../verification/shares.js';
import { TokenStrategy } from './token.strategy.js';

/** The schemes of one app. */
@Injectable()
export class Schemes implements OnModuleInit, OnApplicationShutdown {
  /** In the order in which they are tried. */
  readonly all: readonly Scheme[];

  constructor(
    token: TokenStrategy,
    basic: BasicStrategy,
    private readonly verifier: ApiKeyVerifier,
    readonly shares: Shares,
  ) {
    this.all = [token, basic];
  }

  /** Not before, so that an app that fails to start leaves nothing behind. */
  onModuleInit(): void {
    for (const scheme of this.all) register(scheme);
  }

  /** After the end of all requests. */
  onApplicationShutdown(): void {
    for (const scheme of this.all) unregister(scheme);
  }

  /** As `catchUp` of the verifier. */
  catchUp(): Promise<void> {
    return this.verifier.catchUp();
  }

  /** The caller with that header, from memory, as in `Scheme.findCached`. */
  findCached(header: string, request: HttpRequest): Principal | null | undefined {
    for (const scheme of this.all) {
      const principal = scheme.findCached(header, request);
      if (principal !== undefined) return principal;
    }
    return undefined;
  }
}
