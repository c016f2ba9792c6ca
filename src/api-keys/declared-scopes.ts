import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { LATCHKEY_OPTIONS } from '../database/own-database.js';
import { ScopesService } from './scopes.service.js';

/** At the start, makes the scopes known that an app declares. */
@Injectable()
export class DeclaredScopes implements OnApplicationBootstrap {
  constructor(
    private readonly scopes: ScopesService,
    @Inject(LATCHKEY_OPTIONS) private readonly options: { readonly scopes?: Readonly<Record<string, string>> },
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.options.scopes) await this.scopes.ensure(this.options.scopes);
  }
}
