import type { FastifyReply, FastifyRequest } from 'fastify';
import { authorizationOf, parseBasic } from '../auth/authorization-header.js';
import { sessionSecretOf } from '../auth/session-cookie.js';
import { BAD_CREDENTIALS } from '../users/principal.js';
import { type ErrorCode, toLatchkeyError } from '../latchkey.error.js';
import { FrappeError } from './frappe.error.js';

/** Frappe's status and class for each of our codes (frappe/exceptions.py). */
const CLASSES: Record<ErrorCode, [number, string]> = {
  malformed: [417, 'ValidationError'],
  given_twice: [400, 'BadRequest'],
  unauthenticated: [401, 'AuthenticationError'],
  forbidden: [403, 'PermissionError'],
  session_required: [403, 'PermissionError'],
  cross_site: [403, 'PermissionError'],
  insufficient_scope: [403, 'PermissionError'],
  address_not_allowed: [403, 'PermissionError'],
  not_found: [404, 'DoesNotExistError'],
  protected: [403, 'PermissionError'],
  conflict: [409, 'DuplicateEntryError'],
  stale: [417, 'TimestampMismatchError'],
  too_large: [413, 'RequestEntityTooLarge'],
  unsupported_media_type: [415, 'UnsupportedMediaType'],
  validation_failed: [417, 'ValidationError'],
  too_many_requests: [429, 'TooManyRequestsError'],
  internal: [500, 'InternalError'],
  unavailable: [503, 'SessionStopped'],
};

/**
 * A 401 for a bad credential tells the class alone, and is the same for whatever is stored. Written once, since to write
 * it again takes as long as to verify a token.
 */
const BAD_CREDENTIALS_BODY = {
  v1: v1Body({ status: 401, type: 'AuthenticationError' }),
  v2: v2Body({ status: 401, type: 'AuthenticationError' }),
};

/** Answers with an error as Frappe does (frappe/utils/response.py, report_error), but never with a traceback. */
export function sendFrappeError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const refusal = classify(thrown, request);
  if (refusal.status !== 401) reply.removeHeader('WWW-Authenticate');
  let body: string;
  if (refusal.message === BAD_CREDENTIALS) body = BAD_CREDENTIALS_BODY[isV2(request) ? 'v2' : 'v1'];
  else body = isV2(request) ? v2Body(refusal) : v1Body(refusal, hasDeadSession(request));
  reply.code(refusal.status).header('Content-Type', 'application/json').send(body);
}

function v1Body(refusal: Classified, isSessionExpired = false): string {
  const { status, type, plainMessage } = refusal;
  const exception = exceptionOf(refusal);
  const text = textOf(refusal);
  return JSON.stringify({
    ...(status !== 404 && { exception, exc: JSON.stringify([exception]) }),
    exc_type: type,
    ...(plainMessage !== undefined && { message: plainMessage }),
    ...(isSessionExpired && { session_expired: 1 }),
    ...(text && { _server_messages: JSON.stringify([JSON.stringify({ ...text, raise_exception: 1 })]) }),
  });
}

function v2Body(refusal: Classified): string {
  const { status, type } = refusal;
  return JSON.stringify({
    errors: [{ type, ...(status !== 404 && { exception: exceptionOf(refusal) }), ...textOf(refusal) }],
  });
}

function exceptionOf({ type, message }: Classified): string {
  return message === undefined ? `frappe.exceptions.${type}` : `frappe.exceptions.${type}: ${message}`;
}

function textOf({ message, title }: Classified): object | undefined {
  return message ? { message: escapeHtml(message), title: title ?? 'Message', indicator: 'red' } : undefined;
}

/** True for calls of the second version of the API, which has envelopes of its own. */
export function isV2({ routeOptions, url }: FastifyRequest): boolean {
  return (routeOptions.url ?? url).startsWith('/api/v2/');
}

function hasDeadSession(request: FastifyRequest): boolean {
  const { user } = request as { user?: unknown };
  return !user && authorizationOf(request.raw) === undefined && sessionSecretOf(request.headers) !== undefined;
}

function classify(thrown: unknown, request: FastifyRequest): Classified {
  if (thrown instanceof FrappeError) {
    const { excType, message, title, plainMessage } = thrown;
    return { status: thrown.getStatus(), type: excType, message, title, plainMessage };
  }
  const { code, message } = toLatchkeyError(thrown);
  const [status, type] = CLASSES[code];
  const basic = code === 'unauthenticated' ? parseBasic(authorizationOf(request.raw)) : undefined;
  if (basic && 'problem' in basic && basic.problem === 'undecodable') {
    return { status: 400, type: 'InvalidAuthorizationToken', message };
  }
  return { status, type, message: code === 'not_found' ? undefined : message };
}

interface Classified {
  readonly status: number;
  readonly type: string;
  readonly message?: string;
  readonly title?: string;
  readonly plainMessage?: string;
}

/** Frappe's pages show messages as HTML. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
