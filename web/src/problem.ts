import { words } from './words/index.js';

export interface FieldProblem {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

/** Why a call did not succeed, as the server said it (RFC 9457), or `unreachable` with status 0. */
export class Problem extends Error {
  /** Milliseconds. */
  readonly receivedAt = Date.now();

  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly requestId: string | undefined,
    readonly errors: readonly FieldProblem[],
    /** Seconds. */
    readonly retryAfter: number,
  ) {
    super(detail);
    this.name = 'Problem';
  }
}

export const UNREACHABLE = new Problem(0, 'unreachable', words.problem.unreachable, undefined, [], 0);

/** What is in the way of reading a refusal is itself a problem: a proxy may answer with a page of its own. */
export async function problemOf(response: Response): Promise<Problem> {
  const isProblem = response.headers.get('content-type')?.includes('json') ?? false;
  const body = isProblem ? ((await response.json().catch(() => ({}))) as Partial<Problem>) : {};
  const unavailable = response.status === 502 || response.status === 503 || response.status === 504;
  return new Problem(
    response.status,
    body.code ?? (unavailable ? 'unavailable' : 'internal'),
    body.detail ?? words.problem.answered(response.status),
    body.requestId ?? response.headers.get('x-request-id') ?? undefined,
    body.errors ?? [],
    Number(response.headers.get('retry-after')) || 1,
  );
}

/** The text for people about a refusal: all of them are made here. */
export function describeProblem(error: unknown): string {
  if (!(error instanceof Problem)) return words.problem.page;
  switch (error.code) {
    case 'stale':
      return words.problem.stale;
    case 'unavailable':
      return words.problem.unavailable(error.retryAfter);
    case 'too_many_requests':
      return words.problem.tooMany(error.retryAfter);
    case 'unreachable':
      return words.problem.unreachable;
    case 'unauthenticated':
      return words.problem.sessionEnded;
    case 'malformed':
      return words.problem.address;
    case 'too_large':
      return words.problem.tooLong;
    case 'validation_failed':
      return error.errors.map(describeField).join(' ') || error.detail;
    case 'internal':
      return error.requestId ? words.problem.internalWithId(error.requestId) : words.problem.internal;
    default:
      return error.detail;
  }
}

/** The text for people about one field of a form. */
export function fieldError(error: unknown, field: string): string | undefined {
  const found = error instanceof Problem ? error.errors.find((one) => one.field === field) : undefined;
  return found && describeField(found);
}

function describeField({ code, message }: FieldProblem): string {
  const known: Readonly<Record<string, string | undefined>> = words.problem.fields;
  return known[code] ?? message;
}

/** False where a field of the form already says it all. */
export function isBeyondFields(error: unknown, fields: readonly string[]): boolean {
  if (!(error instanceof Problem) || error.errors.length === 0) return true;
  return error.errors.some((one) => !fields.includes(one.field));
}
