const BASIC = /\bbasic\s+([A-Za-z0-9+/]{16,}={0,2})/i;
const API_KEY = /\blk_[0-9A-Za-z]{22}/;

/**
 * What of a text may leave the page as a search: where somebody pastes a token or a header, its API key alone. A key of
 * another server ends at the colon.
 */
export function withoutSecret(text: string): string {
  const plain = text.replace(BASIC, (_, credentials: string) => decoded(credentials));
  return (
    API_KEY.exec(plain)?.[0] ??
    plain
      .split(':')[0]!
      .replace(/\blks_\w*/g, '')
      .trim()
  );
}

function decoded(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return ''; // cut off: not even its key can be read
  }
}
