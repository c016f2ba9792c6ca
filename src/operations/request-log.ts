import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

/**
 * One line for each request, once it is answered. The route and not the path: a path holds names, and now and then a
 * secret that somebody put there.
 */
export function logRequests(fastify: FastifyInstance, logger: Logger): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const { id: requestId, method, ip: address } = request;
    const route = request.routeOptions.url ?? 'unknown';
    const user = (request as { user?: { name?: string } | null }).user?.name;
    const milliseconds = Math.round(reply.elapsedTime * 10) / 10;
    logger.info({ requestId, method, route, status: reply.statusCode, milliseconds, address, user }, 'request');
    done();
  });
}
