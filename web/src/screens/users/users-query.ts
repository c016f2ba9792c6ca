import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api.js';
import type { UsersSearch } from '../../search-params.js';

const PAGE = 25;

/** A page of the list. `first` is the number of its first row, where that is known. */
export function usersQuery(query: UsersSearch, first: number | undefined) {
  return queryOptions({
    queryKey: ['users', 'list', query, first],
    queryFn: async ({ signal }) => {
      const page = await answer(api.GET('/v1/users', { params: { query: { ...query, limit: PAGE } }, signal }));
      return { ...page, first }; // with the rows, as they stay in sight while others load
    },
    placeholderData: keepPreviousData,
  });
}
