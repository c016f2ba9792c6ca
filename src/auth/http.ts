import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** What Express's and Fastify's requests share, as far as the core reads it. */
export interface HttpRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Fastify's way to the request of Node, which Express's extends. */
  readonly raw?: IncomingMessage;
  readonly ip?: string;
  readonly id?: unknown;
  user?: unknown;
}

export function rawOf(request: HttpRequest): IncomingMessage {
  return request.raw ?? (request as IncomingMessage);
}
