import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouter, useRouterState, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { usersAsLeft } from '../../queries.js';
import { type UsersSearch, usersSearch } from '../../search-params.js';

/** A page of the list: the cursor leads to it, and `first` is the number of its first row, where that is known. */
interface Place {
  cursor?: string;
  first?: number;
}

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** The pages of the list from the first to this one: a cursor leads on, never back. */
    trail?: Place[];
  }
}

const NO_FILTERS = { search: undefined, key: undefined, role: undefined, enabled: undefined };
const START: Place = { first: 1 };

/** What the address says of the list, and how to change it. */
export function useUsersAddress() {
  const search = useSearch({ from: '/logged-in/managers/users' });
  const state = useRouterState({ select: ({ location }) => location.state.trail });
  const queryClient = useQueryClient();
  useEffect(() => {
    queryClient.setQueryData(usersAsLeft.queryKey, { ...search, cursor: undefined });
  }, [queryClient, search]);
  const navigate = useNavigate();
  const router = useRouter();
  // Whoever was sent an address with a cursor has no trail: from there, Previous leads to the first page.
  const trail = state ?? (search.cursor === undefined ? [START] : [START, { cursor: search.cursor }]);
  const { first } = trail.at(-1)!;

  const goTo = (pages: Place[]) =>
    void navigate({
      to: '/users',
      search: (now) => usersSearch({ ...now, cursor: pages.at(-1)?.cursor }),
      state: { trail: pages },
    });

  /** Begins the list anew. */
  const change = (changes: Partial<Record<keyof UsersSearch, unknown>>, replace = false) =>
    void navigate({
      to: '/users',
      search: (now) => usersSearch({ ...now, ...changes, cursor: undefined }),
      replace,
      resetScroll: false,
    });

  return {
    search,
    first,
    filtered: Object.keys(NO_FILTERS).some((name) => search[name as keyof typeof NO_FILTERS] !== undefined),
    change,
    /** Comes a moment after the typing: whoever has left for another screen since then is not called back. */
    onSearch(text: string) {
      if (router.latestLocation.pathname === '/users') change({ search: text }, true);
    },
    onClear: () => change(NO_FILTERS),
    onNext(cursor: string, rows: number) {
      goTo([...trail, { cursor, first: first === undefined ? undefined : first + rows }]);
    },
    onPrevious: trail.length > 1 ? () => goTo(trail.slice(0, -1)) : undefined,
    onStart: () => goTo([START]),
  };
}

export type UsersAddress = ReturnType<typeof useUsersAddress>;
