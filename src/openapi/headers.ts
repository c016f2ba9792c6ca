import type { HeadersObject } from '@nestjs/swagger';

/** Every header of an answer that clients may build on. */
export const HEADERS = {
  'X-Request-Id': { description: 'Leads to the line in the log.', schema: { type: 'string' } },
  ETag: {
    description: 'Another one after each change of the user, its roles or its key; for If-Match.',
    schema: { type: 'string', pattern: '^"[^"]+"$' },
  },
  Location: { description: 'Where it can be read.', schema: { type: 'string', format: 'uri-reference' } },
  'Cache-Control': {
    description: 'The answer is for the caller alone.',
    schema: { type: 'string', enum: ['no-store'] },
  },
  'WWW-Authenticate': {
    description:
      'The ways to authenticate; to what looks like a browser, without Basic. With 403, the scopes that would do, and only there where that is the reason.',
    schema: { type: 'string' },
    example: 'token realm="latchkey", Basic realm="latchkey", charset="UTF-8"',
  },
  'Set-Cookie': {
    description:
      'Cookie `sid`: the session, or its end. Of a log-in also cookie `device`: send it with the next one. No script can read them.',
    schema: { type: 'string' },
  },
  'Retry-After': { description: 'Seconds.', schema: { type: 'integer' }, example: 1 },
} satisfies HeadersObject;

export type HeaderName = keyof typeof HEADERS;

/** Points to the headers above, as `components.headers` of the document; X-Request-Id is on every answer. */
export function headerRefs(names: HeaderName[]): HeadersObject {
  const all: HeaderName[] = ['X-Request-Id', ...names];
  return Object.fromEntries(all.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
