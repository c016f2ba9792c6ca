import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { type AppConfig, AppModule } from './app.module.js';
import { challengeFor } from './auth/unauthenticated.js';
import { serveDesk } from './desk/desk.js';
import { sendFrappeError } from './frappe/frappe-errors.js';
import { addBodyParsers, BODY_LIMIT } from './body-parsers.js';
import { LatchkeyError, toLatchkeyError } from './latchkey.error.js';
import { serveDocs } from './openapi/docs.js';
import { makeDocument } from './openapi/document.js';
import { compressAnswers } from './operations/compression.js';
import { corsHeaders } from './operations/cors.js';
import { NestLogger } from './operations/logger.js';
import { Metrics } from './operations/metrics.js';
import { OperationsModule } from './operations/operations.module.js';
import { answerKnownFirst } from './operations/known-first.js';
import { oneAtATime } from './operations/one-at-a-time.js';
import { logRequests } from './operations/request-log.js';
import { securityHeaders } from './operations/security-headers.js';
import { warnOfUnlistedProxies } from './operations/unlisted-proxies.js';
import { writeTogether } from './operations/write-together.js';
import { answerParserErrors } from './rest/parser-errors.js';
import { sendProblem } from './rest/problem-details.js';
import { RestModule } from './rest/rest.module.js';

/** Node's own limit is on all headers together (16 KiB); these are milliseconds. */
const TIMEOUTS = {
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  // A connection on which nothing moves: of a client that sends requests and does not read what comes (twice as long when
  // a part had gone out), and of an answer that takes longer. The database has 5 s for a query, unless told otherwise.
  connectionTimeout: 30_000,
  // How late the limits for requests and headers may be; Node's default is 30 s.
  http: {
    connectionsCheckingInterval: 5000,
    requireHostHeader: false, // asked for below, where the refusal has a sentence
  },
};
const HEADERS_TIMEOUT = 15_000;
/** A name may have 140 characters, three times that when escaped; a longer one is just not found. */
const MAX_PARAM_LENGTH = 4096;

/** The whole server, ready to listen. @throws what its database says when it can't be reached. */
export async function createApp(config: AppConfig, logger: Logger): Promise<NestFastifyApplication> {
  const headers = securityHeaders(config.publicUrl);
  const addHeaders = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.headers(headers).headers(corsHeaders(config.corsOrigins, request.headers));
    reply.header('x-request-id', request.id);
  };
  const answerError = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { code, retryAfter = 1 } = toLatchkeyError(error);
    if (code === 'internal') logger.error({ requestId: request.id, err: error }, 'internal error');
    if (!reply.hasHeader('x-request-id')) addHeaders(request, reply); // no hook has run for what Fastify itself refuses
    // The guard has said so, as it does for hosts; what a log-in refuses comes past no guard.
    if (code === 'unauthenticated' && !reply.hasHeader('www-authenticate')) {
      reply.header('WWW-Authenticate', challengeFor(request.headers)).header('Cache-Control', 'no-store');
    }
    if (code === 'unavailable' || code === 'too_many_requests') reply.header('Retry-After', String(retryAfter));
    if (isFrappe(request)) sendFrappeError(error, request, reply);
    else sendProblem(error, request, reply);
  };
  const parserErrors = answerParserErrors(logger, headers);
  const adapter = new FastifyAdapter({
    ...TIMEOUTS,
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: false, // HEAD never runs a method
    trustProxy: config.trustProxy.length > 0 && [...config.trustProxy],
    genReqId: () => crypto.randomUUID(),
    requestIdHeader: false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: answerError,
    clientErrorHandler: parserErrors.handle,
    // While the server closes, what still comes on open connections is answered as ever.
    return503OnClosing: false,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(config), adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  app.useGlobalFilters(new ErrorFilter(answerError));
  app.enableShutdownHooks();

  const fastify = app.getHttpAdapter().getInstance();
  fastify.server.headersTimeout = HEADERS_TIMEOUT;
  // Node would drop what comes after the thousandth header, a second Authorization among it. 16 KiB in all is the limit.
  fastify.server.maxHeadersCount = 0;
  oneAtATime(fastify.server);
  writeTogether(fastify.server);
  parserErrors.watch(fastify.server);
  addBodyParsers(fastify);
  logRequests(fastify, logger);
  answerKnownFirst(fastify);
  compressAnswers(fastify);
  warnOfUnlistedProxies(fastify, config.trustProxy, logger);
  if (config.metrics) app.get(Metrics).requests.watch(fastify);
  fastify.addHook('onRequest', (request, reply, done) => {
    addHeaders(request, reply);
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1') {
      sendProblem(new LatchkeyError('malformed', 'There is no Host header, which HTTP/1.1 asks for.'), request, reply);
    } else if (request.method === 'OPTIONS') reply.code(204).send();
    else done();
  });
  serveDesk(app, { docs: config.docs });
  if (config.docs) serveDocs(app, () => makeDocument(app, [RestModule, OperationsModule]));
  return app;
}

/** By the route, which a path can reach in several spellings; by the path where there is no route. */
function isFrappe({ routeOptions, url }: FastifyRequest): boolean {
  if (routeOptions.url === '/') return true;
  const path = routeOptions.url?.startsWith('/api/') ? routeOptions.url : url;
  return /^\/api(\/|\?|$)/.test(path);
}

@Catch()
class ErrorFilter implements ExceptionFilter {
  constructor(private readonly answer: (error: unknown, request: FastifyRequest, reply: FastifyReply) => void) {}

  catch(error: unknown, host: ArgumentsHost): void {
    this.answer(error, host.switchToHttp().getRequest(), host.switchToHttp().getResponse());
  }
}
