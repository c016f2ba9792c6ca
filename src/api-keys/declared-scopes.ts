import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { LATCHKEY_OPTIONS } from '../database/own-database.js';
import { Logger } from '../nest-core.js';
import { ScopesService } from './scopes.service.js';

/** At the start, makes the scopes known that an app declares. */
@Injectable()
export class DeclaredScopes implements OnApplicationBootstrap {
  private readonly logger = new Logger('AuthModule');

  constructor(
    private readonly scopes: ScopesService,
    @Inject(LATCHKEY_OPTIONS) private readonly options: { readonly scopes?: Readonly<Record<string, string>> },
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (!this.options.scopes) return;
    try {
      await this.scopes.ensure(this.options.scopes);
    } catch (error) {
      // A host may run its migrations after this: then the next start makes them known.
      if ((error as { code?: string }).code === 'validation_failed') throw error;
      this.logger.error(`The scopes of this app could not be made known: ${(error as Error).message}`);
    }
  }
}
