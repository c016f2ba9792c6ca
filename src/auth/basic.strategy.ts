import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { BasicStrategy as Strategy } from 'passport-http';
import { ApiKeyVerifier } from '../api-keys/api-key.verifier.js';
import type { Principal } from '../users/principal.js';
import { authorizationOf, parseBasic } from './authorization-header.js';
import { type HttpRequest, rawOf } from './http.js';
import { BAD_CREDENTIALS, unauthenticated } from './unauthenticated.js';

/**
 * `Authorization: Basic base64(<api_key>:<api_secret>)`. passport-http 0.3.0 takes any scheme that contains "basic",
 * answers a malformed header with 400 and cuts the secret at a second colon, so our grammar comes before it and its
 * own reading of the pair is not used.
 */
@Injectable()
export class BasicStrategy extends PassportStrategy(Strategy, 'latchkey-basic') {
  // What Passport adds to a strategy for each request.
  declare fail: (challenge?: string) => void;
  declare error: (error: Error) => void;

  constructor(private readonly verifier: ApiKeyVerifier) {
    super({ passReqToCallback: true, realm: 'latchkey' });
  }

  override authenticate(request: never): void {
    const parsed = parseBasic(authorizationOf(rawOf(request)));
    if (!parsed) return this.fail(); // not ours: the next strategy's turn
    if ('problem' in parsed) return this.error(unauthenticated(parsed.detail));
    super.authenticate(request);
  }

  async validate(request: HttpRequest): Promise<Principal> {
    const parsed = parseBasic(authorizationOf(rawOf(request)));
    const principal = parsed && 'apiKey' in parsed ? await this.verifier.verify(parsed) : null;
    if (!principal) throw unauthenticated(BAD_CREDENTIALS);
    return principal;
  }
}
