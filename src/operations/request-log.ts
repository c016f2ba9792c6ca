import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type DestinationStream, type Logger, pino } from 'pino';

/**
 * One line for each request, once it is answered. The route and not the path: a path holds names, and now and then a
 * secret that somebody put there.
 *
 * The lines are made by hand and those of one turn of the event loop are written together, since pino's own call and a
 * write for each would take a quarter of the time of a request.
 */
export function logRequests(fastify: FastifyInstance, logger: Logger): void {
  const out = (logger as unknown as { [pino.symbols.streamSym]: DestinationStream })[pino.symbols.streamSym];
  let lines = '';
  const write = () => {
    if (lines !== '') out.write(lines);
    lines = '';
  };
  fastify.addHook('onResponse', (request, reply, done) => {
    if (logger.isLevelEnabled('info')) {
      if (lines === '') setImmediate(write);
      lines += line(request, reply.statusCode, reply.elapsedTime);
    }
    done();
  });
  fastify.addHook('onClose', (_, done) => {
    write();
    done();
  });
}

function line(request: FastifyRequest, status: number, elapsed: number): string {
  const { id, method, ip } = request;
  const name = (request as { user?: { name?: string } | null }).user?.name;
  const user = name === undefined ? '' : `,"user":${JSON.stringify(name)}`;
  const route = quotedRoute(request.routeOptions.url ?? 'unknown');
  const milliseconds = Math.round(elapsed * 10) / 10;
  // `id` is a UUID of ours, and Node knows each method it lets in.
  return `{"level":"info","time":"${now()}","requestId":"${id}","method":"${method}","route":${route},"status":${status},"milliseconds":${milliseconds},"address":${JSON.stringify(ip)}${user},"msg":"request"}\n`;
}

const quoted = new Map<string, string>();
/** Routes are as few as there are in the code. */
function quotedRoute(route: string): string {
  let text = quoted.get(route);
  if (text === undefined) quoted.set(route, (text = JSON.stringify(route)));
  return text;
}

let millisecond = 0;
let written = '';
/** The time, which is written anew each millisecond at most. */
function now(): string {
  const time = Date.now();
  if (time !== millisecond) written = new Date((millisecond = time)).toISOString();
  return written;
}
