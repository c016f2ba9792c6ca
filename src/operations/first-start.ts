import { ApiKeysService } from '../api-keys/api-keys.service.js';
import { DEFAULT_DATABASE_URL } from '../database/data-source.js';
import { OPERATOR } from '../users/principal.js';
import { ADMINISTRATOR } from '../users/user-name.js';

const LIFETIME_MS = 24 * 60 * 60 * 1000;

/**
 * While Administrator has no key: makes one whose secret lives 24 hours.
 * @returns a text for the terminal that shows how to use it; undefined when there is a key already.
 */
export async function firstStartText(
  apiKeys: ApiKeysService,
  url: string,
  databaseUrl: string,
): Promise<string | undefined> {
  const { items } = await apiKeys.list(OPERATOR, { limit: 1, user: ADMINISTRATOR });
  if (items.length > 0) return undefined;
  const expiresAt = new Date(Date.now() + LIFETIME_MS);
  const { apiKey, apiSecret } = await apiKeys.generate(OPERATOR, { user: ADMINISTRATOR, expiresAt });
  return `
Latchkey is ready. This is the first start, so here is a token of Administrator, shown once and good for 24 hours:

  curl -H 'Authorization: token ${apiKey}:${apiSecret}' ${url}/api/method/frappe.auth.get_logged_user

One that lasts, in place of it; in the project's folder, with the same DATABASE_URL as this server:

  ${databaseVariable(databaseUrl)}npx bench execute frappe.core.doctype.user.user.generate_keys --args "['Administrator']"

`;
}

/** What a new shell needs to find the same database; nothing for the default, and nothing that holds a password. */
function databaseVariable(url: string): string {
  return url.startsWith('sqlite:') && url !== DEFAULT_DATABASE_URL ? `DATABASE_URL=${url} ` : '';
}
