import type { Result } from '../support/process.js';
import type { BadCommand } from './bad-commands.js';
import type { Input } from './bad-inputs.js';
import { short } from './bad-values.js';
import type { Received } from './sending.js';

/** The closed list of codes (CONTRACT of the REST API), and the status of each. */
const STATUS_OF: Readonly<Record<string, number>> = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  session_required: 403,
  cross_site: 403,
  insufficient_scope: 403,
  address_not_allowed: 403,
  not_found: 404,
  conflict: 409,
  stale: 412,
  too_large: 413,
  unsupported_media_type: 415,
  validation_failed: 422,
  too_many_requests: 429,
};

/** What no answer may hold: stacks, SQL, paths of files, names of parts and their versions, secrets. */
const INSIDE =
  /\bat \S+ \(|\.[jt]s:\d+|node_modules|file:\/\/|\/src\/|\/dist\/|\blk_(users|roles|user_roles|api_keys|api_secrets|passwords|sessions|migrations|invalidations|revision|scopes)\b|SELECT .* FROM|INSERT INTO|SQLITE_|ER_[A-Z]|errno|typeorm|fastify|nestjs|class-validator|better-sqlite|mysql2|MariaDB|Traceback|Cannot (read|convert|set)|RangeError|lks_[0-9A-Za-z]{49}|sha256|argon2/;
/** The least of any route. */
const BODY_LIMIT = 4 * 1024;
const MAX_ANSWER = 16 * 1024;

/** What is wrong with the answer to an input; undefined when all is well. */
export function complaint(input: Input, { status, headers, text }: Received): string | undefined {
  if (status >= 500) return `status ${status}`;
  const { expected, byParser } = input;
  if (byParser && (status === 400 || status === 431)) return INSIDE.test(text) ? 'tells of its inside' : undefined;
  if (status === 302 && /^\/app(\/login)?$/.test(headers.location ?? '')) return undefined; // people are shown the page
  if (status < 200 || (status >= 300 && status < 400)) return `status ${status}`;
  if (expected === 'refused' && status < 400) return `status ${status}, not refused`;
  if (expected === 'served' && status >= 400) return `status ${status}, not served`;
  if (headers['x-request-id'] === undefined) return `no request id: ${status} ${text.slice(0, 200)}`;
  if (headers['x-powered-by'] ?? headers.server) return 'names what it runs on';
  if (status < 400) return undefined;
  if (
    status === 401 &&
    (!headers['www-authenticate']?.includes('realm="latchkey"') || headers['cache-control'] !== 'no-store')
  )
    return 'a 401 without its challenge';
  if (input.method === 'HEAD') return text === '' ? undefined : 'a body for HEAD';
  if (text.length > MAX_ANSWER) return `an answer of ${text.length} characters`;
  const inside = INSIDE.exec(text);
  if (inside) return `tells of its inside: ${inside[0]}`;
  return headers['content-type']?.startsWith('application/problem+json')
    ? aboutProblem(input, status, text)
    : aboutFrappe(status, headers, text);
}

/**
 * What is wrong with there being no answer. What the parser refuses, it answers without a look at the method, with a body
 * also for HEAD, and closes the connection; so does the server with a body over its limit (RFC 9110, section 15.5.14).
 * Who was still sending then may find the connection reset before the answer is read.
 */
export function complaintOfFailure(
  { byParser, method, body = '' }: Input,
  { code = '', message }: NodeJS.ErrnoException,
): string | undefined {
  const mayBeCutOff = byParser || Buffer.byteLength(body) > BODY_LIMIT;
  if (mayBeCutOff && (code === 'ECONNRESET' || code === 'EPIPE')) return undefined;
  if (byParser && method === 'HEAD' && code.startsWith('HPE_')) return undefined;
  return `not answered: ${message}`;
}

function aboutProblem(input: Input, status: number, text: string): string | undefined {
  if (/^\/api(\/|\?|$)/.test(input.path)) return 'a problem document on a path of Frappe';
  const { code, detail, title, status: said, requestId, errors = [] } = JSON.parse(text);
  if (STATUS_OF[code] !== status || said !== status) return `code ${code} with status ${status}`;
  if (typeof title !== 'string' || typeof requestId !== 'string') return 'no title, or no requestId';
  for (const sentence of [detail, ...errors.map(({ message }: { message: unknown }) => message)]) {
    const unhelpful = aboutSentence(sentence);
    if (unhelpful) return unhelpful;
  }
  const odd = errors.find(
    (each: Record<string, unknown>) => typeof each.field !== 'string' || !/^[a-z_]+$/.test(String(each.code)),
  );
  return odd ? `an entry of errors that is ${JSON.stringify(odd).slice(0, 200)}` : undefined;
}

function aboutSentence(sentence: unknown): string | undefined {
  if (typeof sentence !== 'string' || sentence.length < 12) return `no sentence: ${JSON.stringify(sentence)}`;
  if (sentence.length >= 1000) return `a sentence of ${sentence.length} characters: ${sentence.slice(0, 100)}`;
  return sentence.endsWith('.') && !sentence.endsWith('..') ? undefined : `no full stop: ${sentence.slice(-100)}`;
}

/** Frappe's envelopes (frappe/utils/response.py), of both versions. */
function aboutFrappe(status: number, headers: Received['headers'], text: string): string | undefined {
  if (!headers['content-type']?.startsWith('application/json')) return `content type ${headers['content-type']}`;
  const body = JSON.parse(text);
  if ('errors' in body) {
    const [{ type }] = body.errors;
    return /^[A-Z]\w+$/.test(type) ? undefined : `type ${type}`;
  }
  if (!/^[A-Z]\w+$/.test(body.exc_type)) return `no envelope of Frappe: ${text.slice(0, 200)}`;
  if (status !== 404 && !body.exception?.startsWith(`frappe.exceptions.${body.exc_type}`))
    return `exception ${body.exception}`;
  if (body.exc !== undefined && !Array.isArray(JSON.parse(body.exc))) return 'exc is no list';
  if (body._server_messages !== undefined) {
    const [first] = JSON.parse(body._server_messages);
    const { message } = JSON.parse(first);
    if (typeof message !== 'string' || message === '' || message.length >= 1000)
      return `message ${String(message).slice(0, 100)}`;
    if (/[<>]/.test(message)) return `a message that is no text of HTML: ${message}`;
  }
  return undefined;
}

/** What is wrong with what a command has come to; undefined when all is well. */
export function complaintOfCommand(
  { argv, expected }: BadCommand,
  { code, stdout, stderr }: Result,
): string | undefined {
  const line = `${argv.map(short).join(' ')}: exit ${code}, ${stderr.slice(0, 300)}`;
  if (expected === 'harmless') return code === 0 && stderr === '' ? undefined : line;
  if (code !== 1 && code !== 2) return line;
  if (stdout !== '') return `${line} and on stdout ${stdout.slice(0, 100)}`;
  if (stderr.length > 2500) return `${line} (${stderr.length} characters)`;
  // A group of commands without a command shows its usage; else it is one sentence, perhaps with what was meant instead.
  const isUsage = stderr.startsWith('Usage: ');
  if (!isUsage && (!/^(latchkey|error): \S/.test(stderr) || stderr.trimEnd().split('\n').length > 2)) return line;
  if (/[^\P{Cc}\n]|[\u202a-\u202e]/u.test(stderr)) return `${line} with what a terminal obeys`;
  return /\n {4}at |node:internal|SQLITE|SELECT|lk_users|node_modules/.test(stderr) ? line : undefined;
}
