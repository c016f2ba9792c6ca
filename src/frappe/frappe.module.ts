import { type DynamicModule, Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { MethodController, PUBLIC_URL } from './method.controller.js';
import { FrappeMethods } from './methods.js';
import { SessionMethods } from './session-methods.js';

/** Frappe's API under /api. */
@Module({ imports: [ApiKeysModule], controllers: [MethodController], providers: [FrappeMethods, SessionMethods] })
export class FrappeModule {
  static forRoot(publicUrl: string | undefined): DynamicModule {
    return { module: FrappeModule, providers: [{ provide: PUBLIC_URL, useFactory: () => publicUrl }] };
  }
}
