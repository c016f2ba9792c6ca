import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

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

export function rawOf(request: HttpRequest): IncomingMessage {
  return request.raw ?? (request as IncomingMessage);
}
