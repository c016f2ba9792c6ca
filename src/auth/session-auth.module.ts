import { type DynamicModule, Module } from '@nestjs/common';
import { SessionsModule } from '../sessions/sessions.module.js';
import { SessionCookies } from './session-cookie.js';

/** Sessions by cookie, for Latchkey as a server. A host has its own sessions, and does not get these. */
@Module({})
export class SessionAuthModule {
  static forRoot(publicUrl: string | undefined): DynamicModule {
    return {
      module: SessionAuthModule,
      global: true,
      imports: [SessionsModule],
      providers: [{ provide: SessionCookies, useValue: new SessionCookies(publicUrl) }],
      exports: [SessionsModule, SessionCookies],
    };
  }
}
