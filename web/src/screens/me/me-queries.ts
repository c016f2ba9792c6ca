import { queryOptions } from '@tanstack/react-query';
import { answer, api, type ApiKey, type KeySummary } from '../../api.js';

/** Of one user; null when there is no key. A manager would get everybody's without the name. */
export function ownKeyQuery(name: string) {
  return queryOptions({
    queryKey: ['user', name, 'key'],
    queryFn: async (): Promise<ApiKey | null> => {
      const { data } = await answer(api.GET('/v1/api-keys', { params: { query: { user: name } } }));
      return data[0] ?? null;
    },
  });
}

export function ownSessionsQuery(name: string) {
  return queryOptions({
    queryKey: ['user', name, 'sessions'],
    queryFn: async () => (await answer(api.GET('/v1/users/{name}/sessions', { params: { path: { name } } }))).data,
  });
}

/** What the lists show of a key, of its newest secret. */
export function summaryOf({ apiKey, secrets }: ApiKey): KeySummary {
  const newest = secrets[0];
  const expired = newest?.expiresAt != null && Date.parse(newest.expiresAt) <= Date.now();
  return {
    apiKey,
    state: newest === undefined || newest.revokedAt !== null ? 'revoked' : expired ? 'expired' : 'live',
    hint: newest?.hint ?? null,
    secretCreatedAt: newest?.createdAt ?? null,
    expiresAt: newest?.expiresAt ?? null,
    lastUsedAt: newest?.lastUsedAt ?? null,
  };
}
