import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { refuseForgery } from './forgery.js';

const JUDGED_BY_HANDLER = 'latchkey:forgery-judged-by-handler';
const CHANGING = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** For handlers whose method does not tell whether they change something: they call `refuseForgery` themselves. */
export const ForgeryJudgedByHandler = () => SetMetadata(JUDGED_BY_HANDLER, true);

/**
 * Refuses forged calls, on every route whose method changes something. An app puts it between the guards of caller and
 * role.
 */
@Injectable()
export class ForgeryGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly publicUrl: string | undefined,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const { method, headers } = context.switchToHttp().getRequest();
    if (!CHANGING.has(method)) return true;
    const byHandler = this.reflector.getAllAndOverride(JUDGED_BY_HANDLER, [context.getHandler(), context.getClass()]);
    if (!byHandler) refuseForgery(headers, this.publicUrl);
    return true;
  }
}
