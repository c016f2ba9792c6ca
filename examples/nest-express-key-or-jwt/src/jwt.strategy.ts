import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';

/** Signs and verifies; a new one at each start is enough to try, and ends all JWTs with it. */
export const JWT_SECRET = process.env.JWT_SECRET ?? crypto.randomUUID();

export interface Payload {
  sub: string;
  roles: string[];
}

/** The name "jwt" is what the guard lists. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor() {
    super({ jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(), secretOrKey: JWT_SECRET, algorithms: ['HS256'] });
  }

  /** The caller: `roles` is what RolesGuard looks at. */
  validate({ sub, roles }: Payload) {
    return { name: sub, roles };
  }
}
