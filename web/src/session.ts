import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { useRouteContext } from '@tanstack/react-router';
import { answer, api, type Principal } from './api.js';

const HAS_SESSION = 'latchkey-session';

/** The server says so in the page; Vite, which serves it while one works on it, does not. */
let hasCookie = import.meta.env.DEV || 'session' in document.body.dataset;

/** False where nobody can be logged in, so that there is nothing to ask. Another tab may have logged in since. */
export function mayBeLoggedIn(): boolean {
  return hasCookie || hadSession();
}

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => answer(api.GET('/v1/me')),
  staleTime: Infinity, // asked again when a call says that the session is lost
});

/** Who is logged in. After changing that user, fetch `meQuery` anew and call `useRouter().invalidate()`. */
export function useMe(): Principal {
  return useRouteContext({ from: '/logged-in' }).me;
}

export function isManager({ roles }: Principal): boolean {
  return roles.includes('System Manager');
}

/** @throws Problem. The password goes into no cache. */
export async function logIn(
  queryClient: QueryClient,
  input: { user: string; password: string; newPassword?: string },
): Promise<void> {
  const me = await answer(api.POST('/v1/session', { body: input }));
  queryClient.clear();
  queryClient.setQueryData(meQuery.queryKey, me);
  hasCookie = true;
  remember(true);
}

/** @throws Problem */
export async function logOut(queryClient: QueryClient): Promise<void> {
  await api.DELETE('/v1/session');
  queryClient.clear();
  remember(false);
}

/** Tells whoever was logged out from a stranger who has never been in. */
export function hadSession(): boolean {
  try {
    return localStorage.getItem(HAS_SESSION) !== null;
  } catch {
    return false; // storage is forbidden
  }
}

function remember(has: boolean): void {
  try {
    if (has) localStorage.setItem(HAS_SESSION, '1');
    else localStorage.removeItem(HAS_SESSION);
  } catch {
    // Storage is forbidden: nobody will be told that the session has ended.
  }
}
