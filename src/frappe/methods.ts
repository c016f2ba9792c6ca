import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiKeysService } from '../api-keys/api-keys.service.js';
import type { NeededScopes } from '../auth/decorators.js';
import { LatchkeyError } from '../latchkey.error.js';
import { type Actor, actorName } from '../users/principal.js';
import { shown } from '../users/user-name.js';
import { type Arguments, textArgument } from './arguments.js';
import { FrappeError } from './frappe.error.js';
import { SessionMethods } from './session-methods.js';

export interface FrappeMethod {
  /** For callers without a credential too. */
  readonly guest?: true;
  /** What a secret with scopes needs. */
  readonly scopes: NeededScopes;
  /** Changes something: no HTTP method but POST, save GET with scheme `token`; forged calls are refused. */
  readonly changes?: true;
  /** The HTTP methods, where they are others than these. */
  readonly verbs?: readonly string[];
  /** What it returns is not put into an envelope. */
  readonly isWholeBody?: true;
  run(call: FrappeCall): unknown;
}

export interface FrappeCall {
  readonly actor: Actor;
  readonly args: Arguments;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** The methods that can be called by /api/method/…, by their dotted path. */
@Injectable()
export class FrappeMethods {
  private readonly methods: ReadonlyMap<string, FrappeMethod>;

  constructor(
    private readonly apiKeys: ApiKeysService,
    sessions: SessionMethods,
  ) {
    const ping: FrappeMethod = { guest: true, scopes: 'any', run: () => 'pong' };
    const generateKeys: FrappeMethod = {
      changes: true,
      scopes: ['keys:write'],
      run: (call) => this.generateKeys(call),
    };
    const session = { guest: true, scopes: 'any', changes: true, verbs: ['GET', 'POST'], isWholeBody: true } as const;
    this.methods = new Map<string, FrappeMethod>([
      ['login', { ...session, run: (call) => sessions.logIn(call) }],
      ['logout', { ...session, run: (call) => sessions.logOut(call) }],
      ['ping', ping],
      ['frappe.ping', ping],
      ['frappe.auth.get_logged_user', { scopes: 'any', run: ({ actor }) => actorName(actor) }],
      ['frappe.core.doctype.user.user.generate_keys', generateKeys],
      // As token-based-auth.md spells it.
      ['frappe.core.doctype.user.user', generateKeys],
    ]);
  }

  /** Undefined when there is no such method. */
  get(path: string): FrappeMethod | undefined {
    return this.methods.get(path);
  }

  private async generateKeys({ actor, args }: FrappeCall) {
    const user = textArgument(args, 'user');
    try {
      const { apiKey, apiSecret } = await this.apiKeys.generate(actor, { user });
      return { api_key: apiKey, api_secret: apiSecret };
    } catch (error) {
      if (!(error instanceof LatchkeyError && error.code === 'not_found')) throw error;
      throw new FrappeError(404, 'DoesNotExistError', `User ${shown(user)} not found`);
    }
  }
}
