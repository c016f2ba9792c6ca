import type { FastifyRequest } from 'fastify';
import { LatchkeyError } from '../latchkey.error.js';
import { FrappeError } from './frappe.error.js';

export type Arguments = Readonly<Record<string, unknown>>;

/**
 * The arguments of a call (frappe/app.py, make_form_dict): of a JSON body alone where there is one, else of query and
 * form, where the form wins.
 * @throws FrappeError 417 when the body is JSON but neither object nor array.
 */
export function argumentsOf({ query, body, headers }: Pick<FastifyRequest, 'query' | 'body' | 'headers'>): Arguments {
  if (body instanceof LatchkeyError) throw body; // one that can't be read; see body-parsers.ts
  const json = headers['content-type']?.toLowerCase().startsWith('application/json') ?? false;
  if (!json || body === undefined) return { ...(query as Arguments), ...(body as Arguments | undefined) };
  if (Array.isArray(body)) return { data: body };
  if (typeof body !== 'object' || body === null)
    throw new FrappeError(417, 'ValidationError', 'Invalid request arguments');
  return body as Arguments;
}

/**
 * A text argument, without the one pair of quotes that the document's `?user="user_name"` puts around it.
 * @throws FrappeError 417 naming the argument when it is missing, of another type, or given twice.
 */
export function textArgument(args: Arguments, name: string): string {
  const value = Object.hasOwn(args, name) ? args[name] : undefined;
  if (value === undefined) throw new FrappeError(417, 'TypeError', `missing 1 required argument: '${name}'`);
  if (typeof value !== 'string') {
    const type = Array.isArray(value) ? 'list' : value === null ? 'NoneType' : typeof value;
    throw new FrappeError(
      417,
      'FrappeTypeError',
      `Argument '${name}' should be of type 'str' but got '${type}' instead.`,
    );
  }
  return value.replace(/^(["'])(.*)\1$/s, '$2');
}
