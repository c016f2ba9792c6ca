import type { FastifyInstance, FastifyRequest } from 'fastify';
import { structureError } from './json-text.js';
import { LatchkeyError, toLatchkeyError } from './latchkey.error.js';

const KIB = 1024;
/**
 * Bytes of a body. All that a route reads is in memory and goes through parser and validator in one turn of the event
 * loop, for anybody who sends it; test/long/bodies.spec.ts measures for how long. A log-in, a key or a role is a few names
 * and times.
 */
export const BODY_LIMIT = 4 * KIB;
/**
 * Of the routes that need more, by path: a hundred roles, whose names have up to 140 letters; a hundred scopes of up to 100
 * characters beside fifty networks.
 */
const LARGER_BODIES: Readonly<Record<string, number>> = {
  '/v1/users': 64 * KIB,
  '/v1/users/:name': 64 * KIB,
  '/v1/api-keys': 16 * KIB,
  '/v1/api-keys/:apiKey/secrets': 16 * KIB,
  '/v1/api-keys/:apiKey/secrets/:id': 16 * KIB,
};

const FORM = 'application/x-www-form-urlencoded';
const MAX_FIELDS = 1000;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * JSON everywhere; forms only for routes whose config says `acceptsForms`. An empty body is no body, whatever its type.
 * A body that can't be read becomes a LatchkeyError in its place, thrown by who wants to read it: the Authorization
 * header is judged before, and it alone decides who gets in. To be called before there are routes.
 */
export function addBodyParsers(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    route.bodyLimit = LARGER_BODIES[route.url];
  });
  const json = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'buffer' },
    (request, body: Buffer, done) => {
      if (body.length === 0) return done(null, undefined);
      const text = decode(body);
      if (text === undefined) return done(null, new LatchkeyError('malformed', 'The body is not UTF-8.'));
      const wrong = structureError(text);
      if (wrong) return done(null, wrong);
      return json(request, text, (error, value) => {
        done(null, error ? new LatchkeyError('malformed', 'The body is not valid JSON.') : value);
      });
    },
  );
  fastify.addContentTypeParser(FORM, { parseAs: 'string' }, (request, body: string, done) => {
    if (body === '') return done(null, undefined);
    if (!acceptsForms(request)) return done(null, unsupported());
    return done(null, parseForm(body) ?? new LatchkeyError('malformed', `A form has at most ${MAX_FIELDS} fields.`));
  });
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    // Frappe reads no text (frappe/app.py, make_form_dict).
    const ignored = request.headers['content-type']?.startsWith('text/plain') && acceptsForms(request);
    done(null, body.length === 0 || ignored ? undefined : unsupported());
  });
}

function acceptsForms({ routeOptions }: FastifyRequest): boolean {
  return (routeOptions.config as { acceptsForms?: boolean }).acceptsForms === true;
}

function unsupported(): LatchkeyError {
  return toLatchkeyError({ statusCode: 415 });
}

function decode(body: Buffer): string | undefined {
  try {
    return utf8.decode(body);
  } catch {
    return undefined;
  }
}

/** A field given twice becomes an array, as in a query. Undefined when there are too many. */
function parseForm(body: string): Record<string, string | string[]> | undefined {
  const fields = new Map<string, string | string[]>();
  let count = 0;
  for (const [name, value] of new URLSearchParams(body)) {
    if (++count > MAX_FIELDS) return undefined;
    const before = fields.get(name);
    if (before === undefined) fields.set(name, value);
    else if (typeof before === 'string') fields.set(name, [before, value]);
    else before.push(value);
  }
  return Object.fromEntries(fields);
}
