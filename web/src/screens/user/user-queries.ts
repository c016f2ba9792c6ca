import { queryOptions } from '@tanstack/react-query';
import { api, type User } from '../../api.js';

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

export function firstName({ fullName }: { fullName: string }): string {
  return fullName.trim().split(/\s+/)[0]!;
}
