import { HttpException } from './nest-core.js';

/** Every code, and the HTTP status that goes with it. */
export const STATUS = {
  malformed: 400,
  // A member that a JSON body has more than once. Shown as `malformed`; of Frappe's API it has a status of its own.
  given_twice: 400,
  unauthenticated: 401,
  forbidden: 403,
  session_required: 403,
  cross_site: 403,
  insufficient_scope: 403,
  address_not_allowed: 403,
  not_found: 404,
  // Administrator or Guest, named by somebody who may not. Each interface decides how much of that it shows.
  protected: 404,
  conflict: 409,
  stale: 412,
  too_large: 413,
  unsupported_media_type: 415,
  validation_failed: 422,
  too_many_requests: 429,
  internal: 500,
  unavailable: 503,
} as const;

export type ErrorCode = keyof typeof STATUS;

/** One bad field of an input: its name, a code to switch on, and a sentence for people. */
export interface FieldError {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

/**
 * Everything that Latchkey refuses, told apart by `code`. It is an HttpException, so that a host without a filter for
 * it still answers with the right status; Latchkey's own interfaces map `code` to their protocol.
 */
export class LatchkeyError extends HttpException {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly errors?: readonly FieldError[],
    /** Seconds after which it may be tried again, where that is known. */
    readonly retryAfter?: number,
  ) {
    // Nobody looks at the stack of a refusal, and to write it down takes longer than to verify a token.
    const { stackTraceLimit } = Error;
    if (code !== 'internal') Error.stackTraceLimit = 0;
    super(message, STATUS[code]);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** A caller whose secret has none of the scopes that would do. */
export class InsufficientScope extends LatchkeyError {
  constructor(
    message: string,
    /** Any of these would do; none where no scope opens it. */
    readonly requiredScopes: readonly string[],
  ) {
    super('insufficient_scope', message);
  }
}

/** A `validation_failed` error about one field. */
export function invalid(field: string, code: string, message: string): LatchkeyError {
  return new LatchkeyError('validation_failed', message, [{ field, code, message }]);
}

/**
 * Any error as one of ours. What the framework refuses has a status below 500 and becomes its code; everything else is
 * `internal`, with nothing of the inside.
 */
export function toLatchkeyError(error: unknown): LatchkeyError {
  if (error instanceof LatchkeyError) return error;
  const status = error instanceof HttpException ? error.getStatus() : (error as { statusCode?: number }).statusCode;
  if (status === 401) return new LatchkeyError('unauthenticated', 'This needs a valid credential.');
  if (status === 403) return new LatchkeyError('forbidden', 'This is not allowed.');
  if (status === 404) return new LatchkeyError('not_found', 'There is nothing at this path with this method.');
  if (status === 413) return new LatchkeyError('too_large', 'The body is too large.');
  if (status === 414) return new LatchkeyError('malformed', 'A part of the path is too long.');
  if (status === 415) {
    return new LatchkeyError(
      'unsupported_media_type',
      'A body of this Content-Type is not understood here; send application/json.',
    );
  }
  if (status !== undefined && status >= 400 && status < 500) {
    return new LatchkeyError('malformed', 'The request is malformed; look at the escapes in its path and query.');
  }
  if (status === 503) return new LatchkeyError('unavailable', 'The service is shutting down.');
  return new LatchkeyError('internal', 'Something went wrong on our side. The request id leads to it in the log.');
}
