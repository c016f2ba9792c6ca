import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { BasicStrategy as Strategy } from 'passport-http';
import { BAD_CREDENTIALS, type Principal } from '../users/principal.js';
import { ApiKeyVerifier } from '../verification/api-key.verifier.js';
import { authorizationOf, parseBasic } from './authorization-header.js';
import { type HttpRequest, rawOf, sourceOf } from './http.js';
import { NO_REGISTRY, type Scheme } from './scheme.js';
import { unauthenticated } from './unauthenticated.js';

type Verified = (error: Error | null, principal: Principal) => void;

/**
 * `Authorization: Basic base64(<api_key>:<api_secret>)`. passport-http 0.3.0 accepts any scheme that contains "basic",
 * answers a malformed header with 400, and splits the pair at every colon. So our grammar reads the header in its place.
 */
@Injectable()
export class BasicStrategy extends PassportStrategy(Strategy, 'latchkey-basic') implements Scheme {
  // What Passport adds to a strategy for each request, and passport-http's name for `validate`.
  declare fail: (challenge?: string) => void;
  declare error: (error: Error) => void;
  declare success: (principal: Principal) => void;
  declare _verify: (request: HttpRequest, apiKey: string, apiSecret: string, verified: Verified) => void;

  readonly registeredName = 'latchkey-basic';

  constructor(private readonly verifier: ApiKeyVerifier) {
    super({ realm: 'latchkey', passReqToCallback: true });
  }

  getPassportInstance() {
    return NO_REGISTRY;
  }

  findCached(header: string, request: HttpRequest): Principal | null | undefined {
    const parsed = parseBasic(header);
    return parsed && 'apiKey' in parsed ? this.verifier.findCached(parsed, sourceOf(request)) : undefined;
  }

  override authenticate(request: never): void {
    const parsed = parseBasic(authorizationOf(rawOf(request)));
    if (!parsed) return this.fail(); // not ours: the next strategy's turn
    if ('problem' in parsed) return this.error(unauthenticated(parsed.detail));
    this._verify(request, parsed.apiKey, parsed.apiSecret, (error, principal) =>
      error ? this.error(error) : this.success(principal),
    );
  }

  async validate(request: HttpRequest, apiKey: string, apiSecret: string): Promise<Principal> {
    const principal = await this.verifier.verify({ apiKey, apiSecret }, sourceOf(request));
    if (!principal) throw unauthenticated(BAD_CREDENTIALS);
    return principal;
  }
}
