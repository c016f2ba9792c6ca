import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { LatchkeyError } from '../latchkey.error.js';
import { referencePage } from './reference.js';
import { REFERENCE_STYLE } from './reference-style.js';

/** A page to read: its style is a file of this server, and there is no script. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The document at /docs/openapi.json, and its page at /docs. No guard stands before them: they ignore a credential. */
export function serveDocs(app: NestFastifyApplication, makeDocument: () => OpenAPIObject): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.url?.startsWith('/docs')) {
      reply.header('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    }
    done();
  });
  let document: OpenAPIObject | undefined;
  let page: string | undefined;
  const made = (): OpenAPIObject => (document ??= makeDocument());
  SwaggerModule.setup('docs', app, made, { ui: false, raw: ['json'], jsonDocumentUrl: 'docs/openapi.json' });
  for (const path of ['/docs', '/docs/'])
    fastify.get(path, (_request, reply) => {
      reply.type('text/html; charset=utf-8').send((page ??= referencePage(made())));
    });
  fastify.get('/docs/*', () => {
    throw new LatchkeyError('not_found', 'There is nothing at this path.');
  });
  fastify.get('/docs/reference.css', (_request, reply) => {
    reply.type('text/css; charset=utf-8').send(REFERENCE_STYLE);
  });
}
