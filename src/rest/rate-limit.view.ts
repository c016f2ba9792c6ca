import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { MAX_REQUESTS, MAX_SECONDS, type RateLimit } from '../users/rate-limits.js';

@ApiSchema({ name: 'RateLimit' })
export class RateLimitView implements RateLimit {
  @ApiProperty({ type: 'integer', minimum: 1, maximum: MAX_REQUESTS, example: 100 })
  requests: number;

  @ApiProperty({
    type: 'integer',
    minimum: 1,
    maximum: MAX_SECONDS,
    description: 'The length of the window. Windows begin at multiples of it since 1970.',
    example: 60,
  })
  seconds: number;
}
