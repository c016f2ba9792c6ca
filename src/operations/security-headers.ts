/**
 * What every answer tells browsers: nothing here is a page, may be framed, or be read by other origins (OWASP REST
 * Security Cheat Sheet, "Security Headers"). Pages that are meant to be seen set a Content-Security-Policy of their own.
 */
export function securityHeaders(publicUrl: string | undefined): Record<string, string> {
  return {
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    // Browsers heed it over https alone (RFC 6797, section 8.1).
    ...(publicUrl?.startsWith('https:') && { 'strict-transport-security': 'max-age=31536000' }),
  };
}
