import { Controller, Get, Post, UseGuards } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { AuthGuard } from '@nestjs/passport';
import { ApiKeyAuthGuard, CurrentPrincipal, type Principal, Roles, RolesGuard, SYSTEM_MANAGER } from 'latchkey';

/** What both kinds of caller have. */
type Caller = Pick<Principal, 'name' | 'roles'>;

@Controller()
export class ReportsController {
  constructor(private readonly jwt: JwtService) {}

  /** A key alone opens this one: it hands out a JWT for ten minutes. */
  @Post('jwt')
  @UseGuards(ApiKeyAuthGuard)
  sign(@CurrentPrincipal() { name, roles }: Principal) {
    return { jwt: this.jwt.sign({ sub: name, roles }) };
  }

  /** A key or a JWT. */
  @Get('reports')
  @UseGuards(AuthGuard(['latchkey-token', 'latchkey-basic', 'jwt']), RolesGuard)
  list(@CurrentPrincipal() caller: Caller) {
    return { for: caller.name };
  }

  @Post('reports')
  @UseGuards(AuthGuard(['latchkey-token', 'latchkey-basic', 'jwt']), RolesGuard)
  @Roles(SYSTEM_MANAGER)
  make(@CurrentPrincipal() caller: Caller) {
    return { by: caller.name };
  }
}
