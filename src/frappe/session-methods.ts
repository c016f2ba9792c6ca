import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { deviceOf, SessionCookies, sessionSecretOf } from '../auth/session-cookie.js';
import { LatchkeyError } from '../latchkey.error.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { isByToken } from '../users/principal.js';
import { FrappeError } from './frappe.error.js';
import type { FrappeCall } from './methods.js';

/** For scripts to read, beside the session's own (frappe/auth.py, CookieManager). */
const READABLE = ['system_user', 'full_name', 'user_id', 'user_image'] as const;

/** `login` and `logout` (frappe/auth.py, LoginManager), over the same sessions as the REST API. */
@Injectable()
export class SessionMethods {
  constructor(
    private readonly sessions: SessionsService,
    private readonly cookies: SessionCookies,
  ) {}

  async logIn({ actor, request, reply }: FrappeCall) {
    const { user, password } = credentialsOf(request);
    const { ip: address, id: requestId, headers } = request;
    const presented = { session: sessionSecretOf(headers), device: deviceOf(headers) };
    const opened = await this.sessions
      .logIn(actor, { user, password }, { address, requestId, userAgent: headers['user-agent'] }, presented)
      .catch((error: unknown) => {
        throw toLogInError(error);
      });
    const { principal, expiresAt } = opened;
    const values = { system_user: 'yes', full_name: principal.fullName, user_id: principal.name, user_image: '' };
    const readable = READABLE.map((name) => this.cookies.readable(name, values[name], expiresAt));
    reply.header('Set-Cookie', [...this.cookies.loggedIn(opened), ...readable]);
    return { message: 'Logged In', home_page: '/app', full_name: principal.fullName };
  }

  /** Also without a session. A token has none to end, and goes on working. */
  async logOut({ actor, request, reply }: FrappeCall) {
    const secret = sessionSecretOf(request.headers);
    if (secret !== undefined && !isByToken(actor)) {
      await this.sessions.logOut(actor, secret);
      const past = new Date(0);
      const readable = READABLE.map((name) => this.cookies.readable(name, '', past));
      reply.header('Set-Cookie', [this.cookies.noSession(), ...readable]);
    }
    return { message: 'No App', home_page: '/login', full_name: 'Guest' };
  }
}

/** Of the body alone: a query string ends up in logs and histories. */
function credentialsOf({ body }: FastifyRequest): { user: string; password: string } {
  if (body instanceof LatchkeyError) throw body; // one that can't be read; see body-parsers.ts
  const { usr, pwd } = (body ?? {}) as { usr?: unknown; pwd?: unknown };
  if (typeof usr !== 'string' || typeof pwd !== 'string' || usr === '' || pwd === '') {
    throw refused('Incomplete login details');
  }
  return { user: usr, password: pwd };
}

function toLogInError(error: unknown): unknown {
  if (!(error instanceof LatchkeyError)) return error;
  if (error.code === 'unauthenticated') return refused('Invalid login credentials');
  if (error.code === 'validation_failed') {
    return refused('This is a one-time password. Log in at /app to choose another one.');
  }
  return error;
}

/** Frappe says why a log-in failed in `message`, too. */
function refused(message: string): FrappeError {
  return new FrappeError(401, 'AuthenticationError', message, undefined, message);
}
