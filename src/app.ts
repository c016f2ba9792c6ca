import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import type { Config } from './config.js';
import { sendFrappeError } from './frappe/frappe-errors.js';
import { LatchkeyError, toLatchkeyError } from './latchkey.error.js';
import { NestLogger } from './operations/logger.js';
import { logRequests } from './operations/request-log.js';
import { sendProblem } from './rest/problem-details.js';

const BODY_LIMIT = 256 * 1024;
/** Node's own limit is on all headers together (16 KiB); these are milliseconds. */
const TIMEOUTS = { requestTimeout: 30_000, keepAliveTimeout: 65_000 };
const HEADERS_TIMEOUT = 15_000;
/** A name may have 140 characters, three times that when escaped; a longer one is just not found. */
const MAX_PARAM_LENGTH = 4096;

/** The whole server, ready to listen. @throws what its database says when it can't be reached. */
export async function createApp(config: Config, logger: Logger): Promise<NestFastifyApplication> {
  const answerError = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    if (toLatchkeyError(error).code === 'internal')
      logger.error({ requestId: request.id, err: error }, 'internal error');
    if (/^\/api(\/|\?|$)/.test(request.url)) sendFrappeError(error, request, reply);
    else sendProblem(error, request, reply);
  };
  const adapter = new FastifyAdapter({
    ...TIMEOUTS,
    bodyLimit: BODY_LIMIT,
    genReqId: () => crypto.randomUUID(),
    requestIdHeader: false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: answerError,
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
  addBodyParsers(app);
  logRequests(fastify, logger);
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('X-Request-Id', request.id);
    if (request.method === 'OPTIONS') reply.code(204).send();
    else done();
  });
  return app;
}

@Catch()
class ErrorFilter implements ExceptionFilter {
  constructor(private readonly answer: (error: unknown, request: FastifyRequest, reply: FastifyReply) => void) {}

  catch(error: unknown, host: ArgumentsHost): void {
    this.answer(error, host.switchToHttp().getRequest(), host.switchToHttp().getResponse());
  }
}

/** JSON everywhere; forms only for routes that say so. An empty body is no body, whatever its type. */
function addBodyParsers(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  const json = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'string' },
    (request, body: string, done) => {
      if (body === '') return done(null, undefined);
      return json(request, body, (error, value) => {
        done(error && new LatchkeyError('malformed', 'The body is not valid JSON.'), value);
      });
    },
  );
  fastify.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (request, body: string, done) => {
      const { acceptsForms } = request.routeOptions.config as { acceptsForms?: boolean };
      if (!acceptsForms) return done(toLatchkeyError({ statusCode: 415 }));
      return done(null, parseForm(body));
    },
  );
}

/** A field given twice becomes an array, as in a query. */
function parseForm(body: string): Record<string, string | string[]> {
  const form = new URLSearchParams(body);
  return Object.fromEntries(
    [...new Set(form.keys())].map((key) => {
      const values = form.getAll(key);
      return [key, values.length > 1 ? values : values[0]!];
    }),
  );
}
