import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Principal } from '../users/principal.js';
import { BasicStrategy } from './basic.strategy.js';
import { register, type Scheme, unregister } from './scheme.js';
import { TokenStrategy } from './token.strategy.js';

/** The schemes of one app. */
@Injectable()
export class Schemes implements OnModuleInit, OnApplicationShutdown {
  /** In the order in which they are asked. */
  readonly all: readonly Scheme[];

  constructor(token: TokenStrategy, basic: BasicStrategy) {
    this.all = [token, basic];
  }

  /** Not before, so that an app that fails to start leaves nothing behind. */
  onModuleInit(): void {
    for (const scheme of this.all) register(scheme);
  }

  /** When no request is under way any more. */
  onApplicationShutdown(): void {
    for (const scheme of this.all) unregister(scheme);
  }

  /** What memory says of the caller with that header, as `Scheme.findCached` does. */
  findCached(header: string): Principal | null | undefined {
    for (const scheme of this.all) {
      const principal = scheme.findCached(header);
      if (principal !== undefined) return principal;
    }
    return undefined;
  }
}
