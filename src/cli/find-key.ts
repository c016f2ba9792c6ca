import type { ApiKeyRecord } from '../api-keys/api-key-rows.js';
import { LatchkeyError } from '../latchkey.error.js';
import { OPERATOR } from '../users/principal.js';
import { ADMINISTRATOR, typedName } from '../users/user-name.js';
import type { Core } from './core.js';
import { pages } from './list.js';

/** Keys, newest first, page by page. */
export function listKeys({ apiKeys }: Core, { user, limit }: { user?: string; limit?: number }) {
  return pages((page) => apiKeys.list(OPERATOR, { ...page, user }), limit);
}

/** The key of that user, or undefined when there is none. */
export async function keyOfUser(core: Core, user: string): Promise<ApiKeyRecord | undefined> {
  for await (const [key] of listKeys(core, { user, limit: 1 })) return key;
  return undefined;
}

/** The key that is named by itself, or by its user, which has an "@" or is Administrator. @throws LatchkeyError `not_found`. */
export async function findKey(core: Core, keyOrUser: string): Promise<ApiKeyRecord> {
  const user = typedName(keyOrUser);
  if (!user.includes('@') && user !== ADMINISTRATOR) return core.apiKeys.find(OPERATOR, keyOrUser);
  const key = await keyOfUser(core, user);
  if (!key) throw new LatchkeyError('not_found', `"${user}" has no API key.`);
  return key;
}
