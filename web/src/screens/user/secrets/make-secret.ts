import type { QueryClient } from '@tanstack/react-query';
import { answer, api, type ApiKey, type GeneratedKey } from '../../../api.js';
import type { components } from '../../../api.schema.js';
import { Problem } from '../../../problem.js';
import { keyQuery, readKey } from '../../../queries.js';
import { isGood } from '../../../ui/key-state.js';
import { words } from '../../../words/index.js';

/** What the server is asked for. */
export type NewSecret = components['schemas']['AddSecretFields'] & { readonly name: string };

/** Longer than the server lets any answer take. */
const ANSWER_MS = 35_000;

/**
 * A new secret for that user's key, or for a key that is made with it. It takes the place of the one of that name.
 * @param key as read last; null when there is none.
 * @throws Problem; with code `answer_lost` when there is a new secret that nobody will ever know, or may be.
 */
export async function makeSecret(
  queryClient: QueryClient,
  user: string,
  key: ApiKey | null,
  secret: NewSecret,
  etag?: string,
): Promise<GeneratedKey> {
  const { name, overlapSeconds = 0 } = secret;
  const signal = AbortSignal.timeout(ANSWER_MS);
  const ofName = (of: ApiKey | null) => of?.secrets.filter((one) => one.name === name) ?? [];
  const had = ofName(key);
  try {
    if (key === null) return await answer(api.POST('/v1/api-keys', { body: { ...secret, user }, signal }));
    const params = { path: { apiKey: key.apiKey }, ...(etag !== undefined && { header: { 'If-Match': etag } }) };
    return await answer(api.POST('/v1/api-keys/{apiKey}/secrets', { params, body: secret, signal }));
  } catch (error) {
    if (error instanceof Problem && error.status > 0 && error.status < 500) throw error; // refused, and nothing was made
    const now = await queryClient.fetchQuery({ ...keyQuery(user), staleTime: 0 }).catch(() => undefined);
    if (now === undefined) throw lost(words.secrets.answerLost);
    if (ofName(now).every(({ id }) => had.some((old) => old.id === id))) throw error;
    if (overlapSeconds > 0) throw lost(words.secrets.rotatedAndLost);
    throw lost(had.length > 0 ? words.secrets.replacedAndLost : words.secrets.createdAndLost);
  }
}

/** The same for a name of which there is none that is good, so that none is ended. @throws Problem `conflict`, `stale`. */
export async function addSecret(
  queryClient: QueryClient,
  user: string,
  key: ApiKey | null,
  secret: NewSecret,
): Promise<GeneratedKey> {
  if (key === null) return makeSecret(queryClient, user, null, secret);
  const read = await readKey(key.apiKey);
  const name = secret.name.trim();
  if (read.key.secrets.some((one) => one.name === name && isGood(one, Date.now()))) {
    throw new Problem(409, 'conflict', words.secrets.nameTaken(name), undefined, [], 0);
  }
  return makeSecret(queryClient, user, read.key, { ...secret, name }, read.etag);
}

function lost(detail: string): Problem {
  return new Problem(0, 'answer_lost', detail, undefined, [], 0);
}
