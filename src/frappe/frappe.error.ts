import { HttpException } from '@nestjs/common';

/** An error that only Frappe's clients know: its class there, which decides the status (frappe/exceptions.py). */
export class FrappeError extends HttpException {
  constructor(
    status: number,
    readonly excType: string,
    message: string,
    readonly title?: string,
    /** What a log-in that failed has beside the rest. */
    readonly plainMessage?: string,
  ) {
    super(message, status);
  }
}

/** What a Guest, and whoever names a method that is not whitelisted, gets (frappe/handler.py, is_whitelisted). */
export function notWhitelisted(method: string): FrappeError {
  return new FrappeError(403, 'PermissionError', `Function ${method} is not whitelisted.`, 'Method Not Allowed');
}
