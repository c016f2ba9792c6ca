import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Limit } from '../limits/limit.js';

const HOUR_SECONDS = 60 * 60;

/**
 * Warns of requests that a proxy seems to have handed on which `TRUST_PROXY` does not list, once an hour for each address:
 * all who come through it are taken for one, in the log and where something is limited by address.
 */
export function warnOfUnlistedProxies(fastify: FastifyInstance, trusted: readonly string[], logger: Logger): void {
  const warnings = new Limit({ name: 'unlisted-proxies', points: 1, seconds: HOUR_SECONDS, refusal: '' });
  fastify.addHook('onRequest', (request, _, done) => {
    done();
    // Where the one that is connected is trusted, Fastify has looked into the header, and there is more than one address.
    if (!request.headers['x-forwarded-for'] || (request.ips?.length ?? 1) > 1) return;
    const address = request.ip.replace(/^::ffff:(?=\d+\.)/i, ''); // an IPv4 address on a socket of both families
    const warn = (isFirst: boolean) => {
      if (isFirst) logger.warn({ address, remedy: `TRUST_PROXY=${[...trusted, address].join(',')}` }, WARNING);
    };
    // A count that the primary does not answer is no warning.
    if (warnings.left(address) <= 0) void warnings.tryCount(address).then(warn, () => undefined);
  });
}

const WARNING =
  'A request came with X-Forwarded-For from an address that TRUST_PROXY does not list, so the header is ignored: whoever comes ' +
  'through there counts as one caller. If it is your proxy, add its address to TRUST_PROXY; if not, see that only your proxy reaches this port.';
