import { Controller, Get } from '@nestjs/common';
import { ApiProperty, ApiSchema, ApiTags } from '@nestjs/swagger';
import { type Overview, OverviewService } from '../api-keys/overview.service.js';
import { CurrentActor, Roles, Scopes } from '../auth/decorators.js';
import { ApiSuccess } from '../openapi/decorators.js';
import { type Actor, SYSTEM_MANAGER } from '../users/principal.js';

const count = (description: string) => ApiProperty({ type: 'integer', minimum: 0, description, example: 1 });

@ApiSchema({ name: 'KeyFigures' })
class KeyFiguresView {
  @count('Keys with a live secret; the next three are among them.')
  live: number;

  @count('Keys whose secret was never used.')
  neverUsed: number;

  @count('Keys whose secret was not used for 90 days, or never and is older than that.')
  dormant: number;

  @count('Keys whose secret expires within 30 days.')
  expiring: number;

  @count('Keys without a live secret.')
  revoked: number;
}

@ApiSchema({ name: 'Overview' })
class OverviewView implements Overview {
  @ApiProperty({ description: 'Of enabled users.' })
  keys: KeyFiguresView;
}

@Controller('v1/overview')
@ApiTags('Overview')
export class OverviewController {
  constructor(private readonly overview: OverviewService) {}

  @Get()
  @Scopes('keys:read')
  @Roles(SYSTEM_MANAGER)
  @ApiSuccess('Read figures about all keys, from the secrets that are kept', 200, OverviewView)
  async getOverview(@CurrentActor() actor: Actor): Promise<OverviewView> {
    const { live, neverUsed, dormant, expiring, revoked } = (await this.overview.read(actor)).keys;
    return { keys: { live, neverUsed, dormant, expiring, revoked } };
  }
}
