// The controllers of a foreign host, the same in every app of this test.
import { Controller, Get, type INestApplication, Post, UseGuards } from '@nestjs/common';
import {
  ApiKeyAuthGuard,
  ApiKeysService,
  CurrentPrincipal,
  OPERATOR,
  type Principal,
  Public,
  Roles,
  RolesGuard,
  Scopes,
  SYSTEM_MANAGER,
  UsersService,
} from 'latchkey';

/** For `AuthModule.forRoot`. */
export const SCOPES = { 'reports:read': 'Read reports' };

@Controller()
@UseGuards(ApiKeyAuthGuard, RolesGuard)
export class GuardedController {
  @Get('private')
  private(@CurrentPrincipal() principal: Principal) {
    return principal;
  }

  @Post('manager')
  @Roles(SYSTEM_MANAGER)
  manager(@CurrentPrincipal() principal: Principal) {
    return { name: principal.name };
  }

  @Get('reports')
  @Scopes('reports:read')
  reports(@CurrentPrincipal() principal: Principal) {
    return { name: principal.name };
  }

  @Get('public')
  @Public()
  public(@CurrentPrincipal() principal?: Principal) {
    return { name: principal?.name ?? null };
  }
}

@Controller()
export class OpenController {
  @Get('open')
  open() {
    return { open: true };
  }
}

/** Makes two users with keys, and for one of them secrets of every kind, by their names. */
export async function makeTokens(app: INestApplication): Promise<Record<string, string>> {
  await app.init(); // from then on the scopes are known
  const users = app.get(UsersService);
  const apiKeys = app.get(ApiKeysService);
  const tokens: Record<string, string> = {};
  for (const [name, roles] of [
    ['manager@example.com', [SYSTEM_MANAGER]],
    ['user@example.com', []],
  ] as const) {
    await users.ensure(OPERATOR, { name, roles });
    const { apiKey, apiSecret } = await apiKeys.generate(OPERATOR, { user: name });
    tokens[name] = `${apiKey}:${apiSecret}`;
  }
  for (const [name, may] of Object.entries({
    'scope reports:read': { scopes: ['reports:read'] },
    'no scope': { scopes: [] },
    'network 192.0.2.0/24': { allowedNetworks: ['192.0.2.0/24'] },
    '3 requests in 31 days': { limits: [{ requests: 3, seconds: 2_678_400 }] },
  })) {
    const { apiKey, apiSecret } = await apiKeys.generate(OPERATOR, { user: 'user@example.com', name, ...may });
    tokens[name] = `${apiKey}:${apiSecret}`;
  }
  return tokens;
}

/** Makes two users with keys, listens, and tells the test where. */
export async function serve(app: INestApplication): Promise<void> {
  const tokens = await makeTokens(app);
  await app.listen(0, '127.0.0.1');
  console.log(`READY ${JSON.stringify({ url: await app.getUrl(), tokens })}`);
}
