import { All, Controller, Header, HttpCode, Inject, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { actorOf, AnyScope, Public } from '../auth/decorators.js';
import { isTokenScheme, refuseForgery } from '../auth/forgery.js';
import { ForgeryJudgedByHandler } from '../auth/forgery.guard.js';
import { refuseWithoutScope } from '../auth/scopes.js';
import type { Actor } from '../users/principal.js';
import { shown } from '../users/user-name.js';
import { argumentsOf } from './arguments.js';
import { FrappeError, notWhitelisted } from './frappe.error.js';
import { isV2 } from './frappe-errors.js';
import { type FrappeMethod, FrappeMethods } from './methods.js';

/** Token of the origin that users see. */
export const PUBLIC_URL = Symbol('PUBLIC_URL');

const VERBS = ['GET', 'POST', 'PUT', 'DELETE'];

/**
 * RPC: /api/method/<dotted path>, and the older /?cmd=<dotted path> (frappe/handler.py). Public, since each method says
 * itself whether Guest may call it, and what a secret with scopes needs.
 */
@Controller()
@Public()
@AnyScope()
@ForgeryJudgedByHandler()
export class MethodController {
  constructor(
    private readonly methods: FrappeMethods,
    @Inject(PUBLIC_URL) private readonly publicUrl: string | undefined,
  ) {}

  @All(['api/method/*', 'api/v1/method/*', 'api/v2/method/*'])
  @RouteConfig({ acceptsForms: true })
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  call(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    // Frappe ignores what follows the dotted path.
    const [path = ''] = (request.params as { '*': string })['*'].split('/');
    return this.run(path, request, reply);
  }

  @All('/')
  @RouteConfig({ acceptsForms: true })
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  command(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const { cmd } = argumentsOf(request);
    if (typeof cmd === 'string') return this.run(cmd, request, reply);
    if (cmd !== undefined || request.method !== 'GET') throw noSuchMethod('', request);
    return void reply.redirect('/app', 302); // for people
  }

  /** Where Frappe's clients are sent after log-out. */
  @All('login')
  logInPage(@Res({ passthrough: true }) reply: FastifyReply): void {
    void reply.redirect('/app/login', 302);
  }

  private async run(path: string, request: FastifyRequest, reply: FastifyReply) {
    const actor = actorOf(request);
    const method = this.methods.get(path);
    if (!method) throw noSuchMethod(path, request);
    if (!actor && !method.guest) throw notWhitelisted(path);
    refuseWithoutScope(actor, method.scopes);
    this.checkVerb(method, request);
    const result = await method.run({ actor: actor as Actor, args: argumentsOf(request), request, reply });
    if (method.isWholeBody) return isV2(request) ? {} : result;
    return isV2(request) ? { data: result } : { message: result };
  }

  private checkVerb(method: FrappeMethod, { method: verb, headers }: FastifyRequest): void {
    // GET as the document's URL reads: only with a proof that no browser adds by itself.
    const verbs = method.verbs ?? (method.changes ? ['POST', ...(isTokenScheme(headers) ? ['GET'] : [])] : VERBS);
    if (!verbs.includes(verb)) throw new FrappeError(403, 'PermissionError', 'Not permitted');
    if (method.changes) refuseForgery(headers, this.publicUrl);
  }
}

function noSuchMethod(path: string, request: FastifyRequest): FrappeError {
  const command = isV2(request) ? 'method' : 'method for command';
  return new FrappeError(417, 'ValidationError', `Failed to get ${command} ${shown(path)} with no such method`);
}
