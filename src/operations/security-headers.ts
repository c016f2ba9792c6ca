/**
 * What every answer tells browsers: nothing here is a page, may be framed, or be read by other origins (OWASP REST
 * Security Cheat Sheet, "Security Headers"). Pages that are meant to be seen set a Content-Security-Policy of their own.
 */
export function securityHeaders(publicUrl: string): Record<string, string> {
  return {
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    // Browsers heed it over https alone (RFC 6797, section 8.1).
    ...(publicUrl.startsWith('https:') && { 'Strict-Transport-Security': 'max-age=31536000' }),
  };
}
