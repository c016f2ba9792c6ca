import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify';

/** Below it, compressing takes longer than it saves; about what goes into one packet. In characters. */
const SMALLEST = 1400;
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

/**
 * Compresses long answers of the REST API's GET routes and of its reference. No other: an answer that holds a secret
 * beside something that a stranger chose would tell the secret by its length (BREACH), and secrets are in answers to POST,
 * and on the Frappe API. Nor one with an ETag, which names the bytes as they are. /v1/me is short, and is asked most.
 */
export function compressAnswers(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    const compressed = (route.url.startsWith('/v1/') && route.url !== '/v1/me') || route.url.startsWith('/docs');
    if (route.method === 'GET' && compressed) route.onSend = [route.onSend ?? [], compress].flat();
  });
}

const compress: onSendHookHandler = (
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error: Error | null, payload: unknown) => void,
): void => {
  if (typeof payload !== 'string' || payload.length < SMALLEST || reply.hasHeader('etag')) return done(null, payload);
  reply.header('Vary', [reply.getHeader('vary') ?? [], 'Accept-Encoding'].flat().join(', '));
  const encoding = encodingFor(request.headers['accept-encoding']);
  if (encoding === undefined) return done(null, payload);
  reply.header('Content-Encoding', encoding).removeHeader('content-length');
  if (encoding === 'br') brotliCompress(payload, BROTLI, done);
  else gzip(payload, done);
};

/** The better of those that the header takes; undefined: neither. */
function encodingFor(header: string | string[] | undefined): 'br' | 'gzip' | undefined {
  const accepted = String(header ?? '')
    .split(',')
    .map((one) => one.replace(/\s/g, '').toLowerCase())
    .filter((one) => !/;q=0(\.0*)?$/.test(one))
    .map((one) => one.split(';')[0]);
  return (['br', 'gzip'] as const).find((one) => accepted.includes(one));
}
