import { All, Controller, Header, HttpCode, Inject, Param, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { CurrentActor, Public } from '../auth/decorators.js';
import { isTokenScheme, refuseForgery } from '../auth/forgery.js';
import { ForgeryJudgedByHandler } from '../auth/forgery.guard.js';
import type { Actor } from '../users/principal.js';
import { shown } from '../users/user-name.js';
import { argumentsOf } from './arguments.js';
import { FrappeError, notWhitelisted } from './frappe.error.js';
import { isV2 } from './frappe-errors.js';
import { type FrappeMethod, FrappeMethods } from './methods.js';

/** Token of the origin that users see. */
export const PUBLIC_URL = Symbol('PUBLIC_URL');

const VERBS = new Set(['GET', 'POST', 'PUT', 'DELETE']);

/** RPC: /api/method/<dotted path> (frappe/handler.py). Public, since each method says itself whether Guest may call it. */
@Controller()
@Public()
@ForgeryJudgedByHandler()
export class MethodController {
  constructor(
    private readonly methods: FrappeMethods,
    @Inject(PUBLIC_URL) private readonly publicUrl: string,
  ) {}

  @All(['api/method/*', 'api/v1/method/*', 'api/v2/method/*'])
  @RouteConfig({ acceptsForms: true })
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async call(@Req() request: FastifyRequest, @Param('*') rest: string, @CurrentActor() actor: Actor | undefined) {
    const v2 = isV2(request);
    // Frappe ignores what follows the dotted path.
    const [path = ''] = rest.split('/');
    const method = this.methods.get(path);
    if (!method) {
      const command = v2 ? 'method' : 'method for command';
      throw new FrappeError(417, 'ValidationError', `Failed to get ${command} ${shown(path)} with no such method`);
    }
    if (!actor && !method.guest) throw notWhitelisted(path);
    this.checkVerb(method, request);
    const result = await method.run(actor as Actor, argumentsOf(request));
    return v2 ? { data: result } : { message: result };
  }

  private checkVerb(method: FrappeMethod, { method: verb, headers }: FastifyRequest): void {
    // GET as the document's URL reads: only with a proof that no browser adds by itself.
    const allowed = method.changes ? verb === 'POST' || (verb === 'GET' && isTokenScheme(headers)) : VERBS.has(verb);
    if (!allowed) throw new FrappeError(403, 'PermissionError', 'Not permitted');
    if (method.changes) refuseForgery(headers, this.publicUrl);
  }
}
