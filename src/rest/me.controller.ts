import { Controller, Get } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, ApiSchema, ApiTags } from '@nestjs/swagger';
import { AnyScope, CurrentPrincipal } from '../auth/decorators.js';
import { ApiSuccess } from '../openapi/decorators.js';
import type { Principal } from '../users/principal.js';
import type { RateLimit } from '../users/rate-limits.js';
import { RateLimitView } from './rate-limit.view.js';

@ApiSchema({ name: 'Credential' })
class CredentialView {
  @ApiProperty({ enum: ['api-key', 'session'] })
  type: 'api-key' | 'session';

  @ApiPropertyOptional({ description: 'With `api-key`.', example: 'lk_…' })
  apiKey?: string;

  @ApiPropertyOptional({ description: 'With `api-key`. Opaque.', example: '00000000-0000-4000-8000-000000000000' })
  secretId?: string;

  @ApiPropertyOptional({ description: 'With `api-key`.', example: 'default' })
  secretName?: string;

  @ApiProperty({
    type: [String],
    nullable: true,
    description: 'What the secret may do; null for all that its user may, and for a session.',
    example: ['reports:read'],
  })
  scopes: readonly string[] | null;

  @ApiPropertyOptional({ type: [RateLimitView], nullable: true, description: 'With `api-key`; null for no limit.' })
  limits?: readonly RateLimit[] | null;
}

@ApiSchema({ name: 'Principal' })
export class PrincipalView {
  @ApiProperty({ example: 'user@example.com' })
  name: string;

  @ApiProperty({ example: 'A User' })
  fullName: string;

  @ApiProperty({ type: [String], description: 'Sorted by name.', example: ['System Manager'] })
  roles: readonly string[];

  @ApiProperty({ description: 'What has proved it.' })
  credential: CredentialView;
}

@Controller('v1/me')
@ApiTags('Me')
export class MeController {
  @Get()
  @AnyScope()
  @ApiSuccess('Tell who the caller is', 200, PrincipalView)
  getMe(@CurrentPrincipal() principal: Principal): PrincipalView {
    return toPrincipalView(principal);
  }
}

export function toPrincipalView({ name, fullName, roles, credential }: Principal): PrincipalView {
  if (credential.type === 'session') return { name, fullName, roles, credential: { type: 'session', scopes: null } };
  const { type, apiKey, secretId, secretName, scopes, limits } = credential;
  return { name, fullName, roles, credential: { type, apiKey, secretId, secretName, scopes, limits } };
}
