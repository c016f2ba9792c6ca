import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { TokenSource } from '../verification/api-token.js';

/** The part of a request that the core reads; the same on Express and Fastify. */
export interface HttpRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Node's request, on Fastify. Express's request extends it. */
  readonly raw?: IncomingMessage;
  readonly ip?: string;
  readonly id?: unknown;
  user?: unknown;
}

/** Where a token came from. */
export function sourceOf({ ip, headers }: HttpRequest): TokenSource {
  return { address: ip, userAgent: headers['user-agent'] };
}

export function rawOf(request: HttpRequest): IncomingMessage {
  return request.raw ?? (request as IncomingMessage);
}
