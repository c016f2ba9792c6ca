import type { QueryClient } from '@tanstack/react-query';
import { api, type Secret } from '../../../api.js';
import { keyQuery, readKey } from '../../../queries.js';
import { toast } from '../../../ui/announce.js';
import { words } from '../../../words/index.js';
import type { SecretFields } from './secret-draft.js';

/** A secret, and the state that a change of it is built on. */
export interface ReadSecret {
  readonly apiKey: string;
  readonly secret: Secret;
  readonly etag: string;
}

/**
 * That secret as it is now, dead or alive; undefined when it is not even kept any more. The page behind is made to know it as well.
 * @throws Problem
 */
export async function readSecret(
  queryClient: QueryClient,
  user: string,
  { apiKey, secret: { id } }: Pick<ReadSecret, 'apiKey' | 'secret'>,
): Promise<ReadSecret | undefined> {
  const { key, etag } = await readKey(apiKey);
  queryClient.setQueryData(keyQuery(user).queryKey, key);
  void refresh(queryClient);
  const secret = key.secrets.find((one) => one.id === id);
  return secret && { apiKey, secret, etag };
}

/** @throws Problem; `stale` when the user, the key or one of its secrets is another by now. */
export async function patchSecret(
  queryClient: QueryClient,
  { apiKey, secret: { id }, etag }: ReadSecret,
  body: SecretFields,
): Promise<void> {
  const params = { path: { apiKey, id }, header: { 'If-Match': etag } };
  await api.PATCH('/v1/api-keys/{apiKey}/secrets/{id}', { params, body });
  toast(words.ui.saved);
  await refresh(queryClient);
}

const KEPT: readonly unknown[] = ['me', 'usage'];

/** All that the page knows, but who is logged in, and how often secrets were used: no change of the page's changes that. */
export function refresh(queryClient: QueryClient): Promise<void> {
  return queryClient.invalidateQueries({ predicate: ({ queryKey }) => !KEPT.includes(queryKey[0]) });
}
