import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answer, api, type ApiKey, type User } from './api.js';
import type { UsersSearch } from './search-params.js';

/** A user, and the state that a change may be built on. */
export interface ReadUser {
  readonly user: User;
  readonly etag: string;
}

export function userQuery(name: string) {
  return queryOptions({
    queryKey: ['user', name],
    queryFn: async ({ signal }) => readUser(await api.GET('/v1/users/{name}', { params: { path: { name } }, signal })),
  });
}

export function readUser({ data, response }: { data?: User; response: Response }): ReadUser {
  return { user: data!, etag: response.headers.get('etag') ?? '*' };
}

/** The key of one user, with its secrets; null when there is none. */
export function keyQuery(name: string) {
  return queryOptions({
    queryKey: ['user', name, 'key'],
    queryFn: async ({ signal }): Promise<ApiKey | null> => {
      const { data } = await answer(api.GET('/v1/api-keys', { params: { query: { user: name } }, signal }));
      return data[0] ?? null;
    },
  });
}

/** A key, and the state that a change of its secrets may be built on. */
export interface ReadKey {
  readonly key: ApiKey;
  readonly etag: string;
}

/** Asked for anew when somebody begins to change a secret. @throws Problem */
export async function readKey(apiKey: string): Promise<ReadKey> {
  const { data, response } = await api.GET('/v1/api-keys/{apiKey}', { params: { path: { apiKey } } });
  return { key: data!, etag: response.headers.get('etag') ?? '*' };
}

/** The open sessions of one user. */
export function sessionsQuery(name: string) {
  return queryOptions({
    queryKey: ['user', name, 'sessions'],
    queryFn: async ({ signal }) => {
      return (await answer(api.GET('/v1/users/{name}/sessions', { params: { path: { name } }, signal }))).data;
    },
  });
}

export const rolesQuery = queryOptions({
  queryKey: ['roles'],
  queryFn: async ({ signal }) => (await answer(api.GET('/v1/roles', { signal }))).data.map(({ name }) => name),
});

/** What secrets may be given, by name. */
export const scopesQuery = queryOptions({
  queryKey: ['scopes'],
  queryFn: async ({ signal }) => (await answer(api.GET('/v1/scopes', { signal }))).data,
});

/**
 * The list of users as it was left, for the way back; its first page, since a cursor alone can't lead back. Never asked for.
 * Here, since all that is here is forgotten when somebody logs out.
 */
export const usersAsLeft = queryOptions<UsersSearch>({ queryKey: ['users-as-left'], enabled: false });

/** How many users a list with these filters has. */
export function usersCountQuery({ search, key, role, enabled }: UsersSearch) {
  const query = { search, key, role, enabled };
  return queryOptions({
    queryKey: ['users', 'count', query],
    queryFn: ({ signal }) => answer(api.GET('/v1/users/count', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });
}
