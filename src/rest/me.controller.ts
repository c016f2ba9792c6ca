import { Controller, Get } from '@nestjs/common';
import { CurrentPrincipal } from '../auth/decorators.js';
import type { Principal } from '../users/principal.js';

@Controller('v1/me')
export class MeController {
  @Get()
  me(@CurrentPrincipal() { name, fullName, roles, credential }: Principal) {
    return { name, fullName, roles, credential };
  }
}
