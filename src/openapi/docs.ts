import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/**
 * What Swagger UI needs: its own files, and style attributes in its HTML. Nothing of another host, and no script in the
 * page itself.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
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
  SwaggerModule.setup('docs', app, makeDocument, {
    raw: ['json'],
    jsonDocumentUrl: 'docs/openapi.json',
    swaggerUrl: '/docs/openapi.json',
    customSiteTitle: 'Latchkey API',
    swaggerOptions: { validatorUrl: null },
  });
}
