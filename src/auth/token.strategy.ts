import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-custom';
import { BAD_CREDENTIALS, type Principal } from '../users/principal.js';
import { ApiKeyVerifier } from '../verification/api-key.verifier.js';
import { authorizationOf, parseToken } from './authorization-header.js';
import { type HttpRequest, rawOf, sourceOf } from './http.js';
import { NO_REGISTRY, type Scheme } from './scheme.js';
import { unauthenticated } from './unauthenticated.js';

/** `Authorization: token <api_key>:<api_secret>`. */
@Injectable()
export class TokenStrategy extends PassportStrategy(Strategy, 'latchkey-token') implements Scheme {
  readonly registeredName = 'latchkey-token';

  constructor(private readonly verifier: ApiKeyVerifier) {
    super();
  }

  getPassportInstance() {
    return NO_REGISTRY;
  }

  findCached(header: string, request: HttpRequest): Principal | null | undefined {
    const parsed = parseToken(header);
    return parsed && 'apiKey' in parsed ? this.verifier.findCached(parsed, sourceOf(request)) : undefined;
  }

  /** @returns null when the header is none of ours, for the next strategy. @throws LatchkeyError when it is bad. */
  async validate(request: HttpRequest): Promise<Principal | null> {
    const parsed = parseToken(authorizationOf(rawOf(request)));
    if (!parsed) return null;
    if ('problem' in parsed) throw unauthenticated(parsed.detail);
    const principal = await this.verifier.verify(parsed, sourceOf(request));
    if (!principal) throw unauthenticated(BAD_CREDENTIALS);
    return principal;
  }
}
