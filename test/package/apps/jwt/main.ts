// A key or a JWT, whichever comes.
import 'reflect-metadata';
import { Controller, Get, Injectable, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JwtModule, JwtService } from '@nestjs/jwt';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AuthModule, CurrentPrincipal, RolesGuard } from 'latchkey';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { GuardedController, OpenController, SCOPES, serve } from './routes.js';

const secretOrKey = 'a secret of this test, and of nothing else';

@Injectable()
class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor() {
    super({ jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(), secretOrKey });
  }

  validate(payload: { sub: string }) {
    return { name: payload.sub };
  }
}

@Controller()
class EitherController {
  constructor(private readonly jwt: JwtService) {}

  @Get('either')
  @UseGuards(AuthGuard(['latchkey-token', 'latchkey-basic', 'jwt']))
  either(@CurrentPrincipal() principal: { name: string }) {
    return { name: principal.name };
  }

  @Get('either/roles')
  @UseGuards(AuthGuard(['latchkey-token', 'latchkey-basic', 'jwt']), RolesGuard)
  withRoles(@CurrentPrincipal() principal: { name: string }) {
    return { name: principal.name };
  }

  @Get('jwt')
  sign() {
    return { jwt: this.jwt.sign({ sub: 'jwt@example.com' }) };
  }
}

@Module({
  imports: [
    AuthModule.forRoot({ database: { url: 'sqlite:host.sqlite' }, scopes: SCOPES }),
    JwtModule.register({ secret: secretOrKey }),
  ],
  controllers: [GuardedController, OpenController, EitherController],
  providers: [JwtStrategy],
})
class AppModule {}

await serve(await NestFactory.create(AppModule, new FastifyAdapter(), { logger: ['error', 'warn'] }));
