import type { ApiToken } from '../verification/api-token.js';

/**
 * The grammar of the Authorization header (RFC 9110, section 11.4, with fewer freedoms on purpose: one spelling, one
 * meaning): `token <api_key>:<api_secret>` or `Basic base64(<api_key>:<api_secret>)` (RFC 7617); the scheme in any
 * letter case, exactly one blank, the first colon separates. Pure: knows nothing of what is stored.
 */

/** What is wrong with a header; `undecodable` is Basic whose base64 can't be decoded. */
export interface HeaderProblem {
  readonly problem: 'malformed' | 'undecodable';
  /** A sentence for the caller. */
  readonly detail: string;
}

/** The token, or what is wrong; undefined when the header has another scheme, or is absent. */
export type Parsed = ApiToken | HeaderProblem | undefined;

const MAX_LENGTH = 4096;
const FORM =
  'Send "token <api_key>:<api_secret>" or "Basic base64(<api_key>:<api_secret>)", with one blank after the scheme.';
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The part of a request that is read here; the same on Express, and on Fastify as `request.raw`. */
export interface RawRequest {
  readonly headers: { readonly authorization?: string };
  readonly rawHeaders?: readonly string[];
}

/**
 * The Authorization header of a request; undefined when there is none. Node silently keeps only the first of several. Here
 * they are joined, which no scheme's grammar accepts.
 */
export function authorizationOf(request: RawRequest): string | undefined {
  const first = request.headers.authorization;
  if (first === undefined) return undefined;
  let joined: string | undefined;
  const { rawHeaders = [] } = request;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length === 13 && name.toLowerCase() === 'authorization') {
      const value = rawHeaders[i + 1]!;
      joined = joined === undefined ? value : `${joined}, ${value}`;
    }
  }
  return joined ?? first;
}

export function parseToken(header: string | undefined): Parsed {
  const credentials = credentialsOf('token', header);
  if (typeof credentials !== 'string') return credentials;
  const text = decode(credentials);
  return text === undefined ? malformed('The API key or the API secret is not UTF-8.') : split(text);
}

export function parseBasic(header: string | undefined): Parsed {
  const credentials = credentialsOf('basic', header);
  if (typeof credentials !== 'string') return credentials;
  if (/^b['"]/.test(credentials)) {
    return malformed(
      `The credentials begin with "b'": that is how Python 3 prints bytes. Decode them first: base64.b64encode(...).decode().`,
    );
  }
  const bytes = fromBase64(credentials);
  if (bytes === undefined) {
    return undecodable('The credentials of Basic are not base64 with padding, in the standard alphabet.');
  }
  const text = decode(bytes);
  if (text === undefined) return undecodable('The credentials of Basic are not UTF-8.');
  if (/^[^\u0000-\u001f\u007f]*\r?\n$/.test(text)) {
    return undecodable(
      'The credentials of Basic end with a line break, as `echo` writes one. Use `printf`, or `echo -n`.',
    );
  }
  if (/[\u0000-\u001f\u007f]/.test(text)) return undecodable('The credentials of Basic hold a control character.');
  return split(text);
}

/** A sentence about a header of another scheme, or about its absence. */
export function describe(header: string | undefined): string {
  if (header === undefined) return `There is no Authorization header. ${FORM}`;
  if (header === '') return `The Authorization header is empty. ${FORM}`;
  return `The Authorization header has an unknown scheme. ${FORM}`;
}

/** The text after the one blank that follows the scheme. */
function credentialsOf(scheme: string, header: string | undefined): string | HeaderProblem | undefined {
  if (header === undefined) return undefined;
  if (header.slice(0, scheme.length).toLowerCase() !== scheme) return undefined;
  const next = header.charCodeAt(scheme.length);
  if (!Number.isNaN(next) && next !== 0x20 && next !== 0x09) return undefined; // a longer scheme
  if (header.length > MAX_LENGTH) return malformed(`The Authorization header is longer than ${MAX_LENGTH} bytes.`);
  const credentials = header.slice(scheme.length + 1);
  if (next !== 0x20 || credentials === '' || /[\u0000-\u0020\u007f]/.test(credentials)) {
    return malformed(`The Authorization header is not well-formed. ${FORM}`);
  }
  return credentials;
}

function split(text: string): ApiToken | HeaderProblem {
  const colon = text.indexOf(':');
  if (colon === -1) return malformed('There is no colon between API key and API secret.');
  if (colon === 0 || colon === text.length - 1) return malformed('The API key or the API secret is empty.');
  return { apiKey: text.slice(0, colon), apiSecret: text.slice(colon + 1) };
}

/** The decoded bytes, each as a character of Latin-1; undefined when the text is not base64 in its one valid spelling. */
function fromBase64(text: string): string | undefined {
  try {
    const bytes = atob(text); // accepts missing padding, and bits that are left over
    return btoa(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/**
 * These bytes as UTF-8; undefined when they are not UTF-8. A pair is UTF-8 in both schemes, so a secret is the same in
 * both.
 * @param bytes each as a character of Latin-1, as Node reads a header.
 */
function decode(bytes: string): string | undefined {
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  try {
    return utf8.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return undefined;
  }
}

function undecodable(detail: string): HeaderProblem {
  return { problem: 'undecodable', detail };
}

function malformed(detail: string): HeaderProblem {
  return { problem: 'malformed', detail };
}
