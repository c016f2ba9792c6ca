import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LatchkeyError, toLatchkeyError } from './latchkey.error.js';

const FORM = 'application/x-www-form-urlencoded';
const MAX_DEPTH = 20;
const MAX_FIELDS = 1000;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * JSON everywhere; forms only for routes whose config says `acceptsForms`. An empty body is no body, whatever its type.
 * A body that can't be read becomes a LatchkeyError in its place, thrown by who wants to read it: the Authorization
 * header is judged before, and it alone decides who gets in.
 */
export function addBodyParsers(fastify: FastifyInstance): void {
  const json = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'buffer' },
    (request, body: Buffer, done) => {
      if (body.length === 0) return done(null, undefined);
      const text = decode(body);
      if (text === undefined) return done(null, new LatchkeyError('malformed', 'The body is not UTF-8.'));
      if (isTooDeep(text)) {
        return done(null, new LatchkeyError('malformed', `The body is nested more than ${MAX_DEPTH} levels deep.`));
      }
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

/** Validators walk a value by recursion, and would run out of stack. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (inText) {
      if (character === '\\') i++;
      else if (character === '"') inText = false;
    } else if (character === '"') inText = true;
    else if (character === '{' || character === '[') {
      if (++depth > MAX_DEPTH) return true;
    } else if (character === '}' || character === ']') depth--;
  }
  return false;
}

/** A field given twice becomes an array, as in a query. Undefined when there are too many. */
function parseForm(body: string): Record<string, string | string[]> | undefined {
  const fields = new Map<string, string | string[]>();
  let count = 0;
  for (const [name, value] of new URLSearchParams(body)) {
    if (++count > MAX_FIELDS) return undefined;
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(fields);
}
