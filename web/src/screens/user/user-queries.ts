import { queryOptions } from '@tanstack/react-query';
import { answer, api, type ApiKey, type User } from '../../api.js';

/** A user, and the state that a change may be built on. */
export interface ReadUser {
  readonly user: User;
  readonly etag: string;
}

export function userQuery(name: string) {
  return queryOptions({
    queryKey: ['user', name],
    queryFn: async (): Promise<ReadUser> => {
      const { data, response } = await api.GET('/v1/users/{name}', { params: { path: { name } } });
      return { user: data!, etag: response.headers.get('etag') ?? '*' };
    },
  });
}

/** The user's key with its secrets; null when there is none. */
export function keyQuery(name: string) {
  return queryOptions({
    queryKey: ['user', name, 'key'],
    queryFn: async (): Promise<ApiKey | null> => {
      const { data } = await answer(api.GET('/v1/api-keys', { params: { query: { user: name } } }));
      return data[0] ?? null;
    },
  });
}

export const rolesQuery = queryOptions({
  queryKey: ['roles'],
  queryFn: async () => (await answer(api.GET('/v1/roles'))).data.map(({ name }) => name),
});

export function firstName({ fullName }: { fullName: string }): string {
  return fullName.trim().split(/\s+/)[0]!;
}
