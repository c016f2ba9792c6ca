import type { QueryClient } from '@tanstack/react-query';
import { answer, api, type ApiKey, type GeneratedKey } from '../../api.js';
import { Problem } from '../../problem.js';
import { keyQuery } from '../../queries.js';
import { words } from '../../words/index.js';

/** Longer than the server lets any answer take. */
const ANSWER_MS = 35_000;

/**
 * A new secret for that user's key, or for a key that is made with it.
 * @param key as read last; null when there is none.
 * @throws Problem; with code `answer_lost` when there is a new secret that nobody will ever know, or may be.
 */
export async function generate(queryClient: QueryClient, user: string, key: ApiKey | null): Promise<GeneratedKey> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  try {
    if (key === null) return await answer(api.POST('/v1/api-keys', { body: { user }, signal }));
    const params = { path: { apiKey: key.apiKey } };
    return await answer(api.POST('/v1/api-keys/{apiKey}/secrets', { params, body: {}, signal }));
  } catch (error) {
    if (error instanceof Problem && error.status > 0 && error.status < 500) throw error; // refused, and nothing was made
    const now = await queryClient.fetchQuery({ ...keyQuery(user), staleTime: 0 }).catch(() => undefined);
    if (now === undefined) throw lost(words.user.answerLost);
    const had = key?.secrets[0];
    if (now?.secrets[0]?.id === had?.id) throw error;
    throw lost(had ? words.user.replacedAndLost : words.user.createdAndLost);
  }
}

function lost(detail: string): Problem {
  return new Problem(0, 'answer_lost', detail, undefined, [], 0);
}
