import { getSchemaPath, type OperationObject, type ParameterObject, type ResponseObject } from '@nestjs/swagger';
import { type HeaderName, headerRefs } from './headers.js';
import { exampleOf, MEANINGS, Problem, type ProblemCode } from './problem.js';

const PROBLEM_HEADERS: Record<number, HeaderName[]> = {
  401: ['WWW-Authenticate', 'Cache-Control'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

/** The codes that guards, parsers, pipes and the database refuse with, on a route that asks for a credential. */
export function refusals({ parameters = [], requestBody }: OperationObject, method: string): ProblemCode[] {
  const has = (part: Partial<ParameterObject>) =>
    parameters.some((parameter) => Object.entries(part).every(([key, value]) => parameter[key as never] === value));
  const changes = method !== 'get'; // bodies on GET are not read
  const conditional = has({ name: 'If-Match' });
  const when = (condition: boolean, ...codes: ProblemCode[]) => (condition ? codes : []);
  return [
    'unauthenticated',
    'too_many_requests',
    'internal',
    'unavailable',
    ...when(has({ in: 'path' }) || has({ name: 'cursor' }) || conditional || requestBody !== undefined, 'malformed'),
    ...when(changes, 'cross_site', 'too_large', 'unsupported_media_type'),
    ...when(has({ in: 'query' }) || requestBody !== undefined, 'validation_failed'),
    ...when(conditional, 'stale'),
  ];
}

/** The answer of that status, whichever of the codes it has. */
export function problemResponse(status: number, codes: ProblemCode[]): ResponseObject {
  return {
    description: codes.map((code) => `\`${code}\`: ${MEANINGS[code].when}`).join('\n\n'),
    headers: headerRefs(codes.includes('insufficient_scope') ? ['WWW-Authenticate'] : (PROBLEM_HEADERS[status] ?? [])),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            { $ref: getSchemaPath(Problem) },
            {
              type: 'object',
              properties: { status: { type: 'integer', enum: [status] }, code: { type: 'string', enum: codes } },
              required: ['status', 'code', ...(codes.includes('validation_failed') ? ['errors'] : [])],
            },
          ],
        },
        examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code) }])),
      },
    },
  };
}
