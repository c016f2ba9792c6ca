import { All, Controller } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { AnyScope, Public } from '../auth/decorators.js';
import { LatchkeyError } from '../latchkey.error.js';

/** Every path that nothing else answers. A route, so that a credential is judged here as everywhere. */
@Controller()
@ApiExcludeController()
export class NotFoundController {
  @Public()
  @AnyScope()
  @All('*')
  notFound(): never {
    throw new LatchkeyError('not_found', 'There is nothing at this path with this method.');
  }
}
