import { QueryClient } from '@tanstack/react-query';
import { createRouter } from '@tanstack/react-router';
import { whenSessionIsLost } from './api.js';
import { leaveWhenFree } from './held-page.js';
import { Problem } from './problem.js';
import { whenServerIsBack } from './reachable.js';
import { routeTree } from './routes.js';
import { parseSearch, stringifySearch } from './search-params.js';
import { meQuery } from './session.js';

const RETRIES = 2;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (count, error) =>
        count < RETRIES && error instanceof Problem && ['unavailable', 'unreachable'].includes(error.code),
    },
  },
});

export const router = createRouter({
  routeTree,
  basepath: '/app',
  context: { queryClient },
  defaultPreload: 'intent',
  scrollRestoration: true,
  parseSearch,
  stringifySearch,
});

// Asks again who is there; when it is nobody, the route leads to the log-in, and back here after it.
whenSessionIsLost(() =>
  leaveWhenFree(() => {
    queryClient.removeQueries({ queryKey: meQuery.queryKey });
    void router.invalidate();
  }),
);

whenServerIsBack(() => {
  void queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== meQuery.queryKey[0] });
  if (router.state.matches.some(({ status }) => status === 'error')) void router.invalidate();
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
  interface HistoryState {
    /** The session had ended when this led to the log-in. */
    ended?: boolean;
  }
}
