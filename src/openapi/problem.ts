import { STATUS_CODES } from 'node:http';
import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { type ErrorCode, type FieldError, STATUS } from '../latchkey.error.js';

/** Codes that an answer does not show, and those that it shows in their place. */
const SHOWN_AS = { protected: 'not_found', given_twice: 'malformed' } as const;

/** The codes that answers show. */
export type ProblemCode = Exclude<ErrorCode, keyof typeof SHOWN_AS>;

export function shownCode(code: ErrorCode): ProblemCode {
  return code in SHOWN_AS ? SHOWN_AS[code as keyof typeof SHOWN_AS] : (code as ProblemCode);
}

export const PROBLEM_CODES = (Object.keys(STATUS) as ErrorCode[]).filter(
  (code): code is ProblemCode => shownCode(code) === code,
);

@ApiSchema({ name: 'FieldError' })
class FieldErrorView implements FieldError {
  @ApiProperty({ description: 'Its name; for one deep inside, the name of the innermost.', example: 'fullName' })
  field: string;

  @ApiProperty({ description: 'To switch on.', example: 'bad_full_name' })
  code: string;

  @ApiProperty({ description: 'For people.', example: 'A full name has 1 to 140 printable characters.' })
  message: string;
}

/** An error, as RFC 9457 has it. */
@ApiSchema({ name: 'Problem' })
export class Problem {
  @ApiProperty({ enum: ['about:blank'] })
  type: string;

  @ApiProperty({ example: 'Not Found' })
  title: string;

  @ApiProperty({ type: 'integer', example: 404 })
  status: number;

  @ApiProperty({ description: 'For people.', example: 'There is no user "user@example.com".' })
  detail: string;

  @ApiProperty({ enum: PROBLEM_CODES, enumName: 'ProblemCode' })
  code: ProblemCode;

  @ApiProperty({ description: 'Leads to the line in the log.', example: '00000000-0000-4000-8000-000000000000' })
  requestId: string;

  @ApiPropertyOptional({ type: [FieldErrorView], description: 'Every bad field, with `validation_failed`.' })
  errors?: FieldErrorView[];

  @ApiPropertyOptional({
    type: [String],
    description: 'With `insufficient_scope`: any of these would do; none where no scope opens the route.',
    example: ['reports:read'],
  })
  requiredScopes?: readonly string[];
}

interface Meaning {
  readonly when: string;
  /** As in an answer. */
  readonly example: string;
  readonly errors?: FieldError[];
  readonly requiredScopes?: string[];
}

const bad: FieldError = {
  field: 'limit',
  code: 'max',
  message: 'limit must not be greater than 100.',
};

export const MEANINGS: Record<ProblemCode, Meaning> = {
  malformed: {
    when: 'What was sent cannot be read: the JSON of the body, or a member that it has twice, a cursor, If-Match, an escape in the path.',
    example: 'The body is not valid JSON.',
  },
  unauthenticated: {
    when: 'No credential, or none that is valid.',
    example: 'The API key or the API secret is not valid.',
  },
  forbidden: {
    when: 'The caller may not do this; `detail` names the missing role.',
    example: 'This needs the role "System Manager".',
  },
  session_required: {
    when: 'This is for who has logged in, and not for tokens; or it is about sessions, and a token has none.',
    example: 'Your own password is changed with a session: log in first.',
  },
  cross_site: {
    when: 'A page of another site made a browser send this, with a session or Basic; scheme `token` is exempt.',
    example: 'A page of another site may not make this change.',
  },
  insufficient_scope: {
    when: 'The secret has scopes, and none that opens this; `requiredScopes` has those that do.',
    example: 'This needs a secret with the scope "keys:read".',
    requiredScopes: ['keys:read'],
  },
  address_not_allowed: {
    when: 'The secret is right, and its networks leave out the address of the request, which `detail` names.',
    example: 'This request came from 192.0.2.7, and the secret is not good from there.',
  },
  not_found: {
    when: 'There is no such thing, or none that the caller may see.',
    example: 'There is no user "user@example.com".',
  },
  conflict: {
    when: 'What is there does not allow it; `detail` says what.',
    example: 'There is a user "user@example.com" already.',
  },
  stale: {
    when: 'It has changed since the ETag of If-Match was given.',
    example: 'This has changed since you read it. Read it again.',
  },
  too_large: { when: 'The body is too large.', example: 'The body is too large.' },
  unsupported_media_type: {
    when: 'The Content-Type of the body is not understood here.',
    example: 'A body of this Content-Type is not understood here; send application/json.',
  },
  validation_failed: {
    when: 'Fields or parameters are wrong; `errors` has every one of them.',
    example: bad.message,
    errors: [bad],
  },
  too_many_requests: {
    when: 'Too many bad credentials or wrong passwords from this address or browser, or too many log-ins at the moment.',
    example: 'Too many log-ins at the moment. Try again shortly.',
  },
  internal: {
    when: 'An unexpected fault on the server.',
    example: 'Something went wrong on our side. The request id leads to it in the log.',
  },
  unavailable: {
    when: 'The database does not answer, too many unknown callers or changes are waiting, or the server is shutting down. It says nothing about the credential.',
    example: 'The database does not answer at the moment. Try again shortly.',
  },
};

/** An answer with that code, to look at. */
export function exampleOf(code: ProblemCode): Problem {
  const { example: detail, errors, requiredScopes } = MEANINGS[code];
  const status = STATUS[code];
  const requestId = '00000000-0000-4000-8000-000000000000';
  return {
    type: 'about:blank',
    title: STATUS_CODES[status]!,
    status,
    detail,
    code,
    requestId,
    ...(errors && { errors }),
    ...(requiredScopes && { requiredScopes }),
  };
}
