import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Where `npm run build` puts the page; the same place seen from `src` and from `dist`. */
const BUILT = fileURLToPath(new URL('../../dist/web', import.meta.url));
const NOT_BUILT =
  'The page is not built here. Run `npm run build` where Latchkey is installed, then load this again.\n';

/** Nothing but files of this server, no script or style in the page itself, and no string that becomes markup. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/**
 * The Desk, a page at /app. Every link below it is answered with the page, which knows its own routes; a user's name in
 * one may end like a file's. No guard stands before it: it ignores a credential.
 * @param options.docs whether there is an API reference to link to.
 */
export function serveDesk(app: NestFastifyApplication, options: { docs: boolean }): void {
  const fastify = app.getHttpAdapter().getInstance();
  const sendPage = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const page = await readFile(`${BUILT}/index.html`, 'utf8').catch(undefinedIfMissing);
    reply.header('Cache-Control', 'no-cache');
    if (page === undefined) reply.code(404).type('text/plain; charset=utf-8').send(NOT_BUILT);
    else reply.type('text/html; charset=utf-8').send(page.replace('<body>', `<body${dataOf(request, options)}>`));
    await reply;
  };
  // A scope of its own, so that no other route runs its hook.
  fastify.register(async (scope) => {
    scope.addHook('onSend', async (_request, reply) => {
      reply.header('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    });
    await scope.register(fastifyStatic, {
      root: `${BUILT}/assets`,
      prefix: '/app/assets/',
      index: false,
      decorateReply: false,
      suppressWarning: true, // of a folder that is not there
      preCompressed: true,
      // A file's name has a hash of what is in it.
      maxAge: '1y',
      immutable: true,
    });
    scope.get('/app', sendPage);
    scope.get('/app/*', sendPage);
  });
}

/**
 * What the page can't know by itself: whether there is a reference, and whether the browser has a session at all, be it
 * good or not. Without one it does not ask who is there, which would put a 401 into the console of each first visit.
 */
function dataOf({ headers }: FastifyRequest, { docs }: { docs: boolean }): string {
  const hasSession = /(^|;\s*)sid=/.test(headers.cookie ?? '');
  return `${docs ? ' data-docs' : ''}${hasSession ? ' data-session' : ''}`;
}

function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
