import type { IncomingHttpHeaders } from 'node:http';

const EXPOSED = 'ETag, Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id';

/**
 * The headers by which a page of one of these origins may call the API and read its answers (Fetch standard, section
 * 3.3); for others only that the answer depends on the origin. Credentials are allowed, since Frappe's clients ask for
 * that and fail without; what a browser attaches by itself still changes nothing (see auth/forgery.ts).
 */
export function corsHeaders(origins: readonly string[], headers: IncomingHttpHeaders): Record<string, string> {
  if (origins.length === 0) return {};
  const { origin, 'access-control-request-headers': asked } = headers;
  if (origin === undefined || !origins.includes(origin)) return { Vary: 'Origin' };
  const shared = { Vary: 'Origin', 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true' };
  if (headers['access-control-request-method'] === undefined) {
    return { ...shared, 'Access-Control-Expose-Headers': EXPOSED };
  }
  return {
    ...shared,
    'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE',
    ...(asked !== undefined && { 'Access-Control-Allow-Headers': asked }),
    'Access-Control-Max-Age': '600',
  };
}
