import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  lazyRouteComponent,
  Outlet,
  type ParsedLocation,
  redirect,
} from '@tanstack/react-router';
import { isUnauthenticated, type Principal } from './api.js';
import { loadFile } from './load-file.js';
import { PageError } from './layout/PageError.js';
import { activitySearch, loginSearch, userSearch, usersSearch } from './search-params.js';
import { hadSession, isManager, mayBeLoggedIn, meQuery } from './session.js';

interface Context {
  queryClient: QueryClient;
}

/** Each screen is a file of its own, loaded when it is needed. */
const screens = {
  login: lazyRouteComponent(() => loadFile(() => import('./screens/login/LoginScreen.js')), 'LoginScreen'),
  layout: lazyRouteComponent(() => loadFile(() => import('./layout/Layout.js')), 'Layout'),
  notFound: lazyRouteComponent(() => loadFile(() => import('./layout/NothingHere.js')), 'NothingHere'),
  overview: lazyRouteComponent(() => loadFile(() => import('./screens/overview/OverviewScreen.js')), 'OverviewScreen'),
  users: lazyRouteComponent(() => loadFile(() => import('./screens/users/UsersScreen.js')), 'UsersScreen'),
  user: lazyRouteComponent(() => loadFile(() => import('./screens/user/UserScreen.js')), 'UserScreen'),
  activity: lazyRouteComponent(() => loadFile(() => import('./screens/activity/ActivityScreen.js')), 'ActivityScreen'),
  roles: lazyRouteComponent(() => loadFile(() => import('./screens/roles/RolesScreen.js')), 'RolesScreen'),
  me: lazyRouteComponent(() => loadFile(() => import('./screens/me/MeScreen.js')), 'MeScreen'),
};

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  errorComponent: PageError,
  notFoundComponent: screens.notFound,
});

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: loginSearch,
  component: screens.login,
});

const loggedIn = createRoute({
  getParentRoute: () => root,
  id: 'logged-in',
  beforeLoad: async ({ context: { queryClient }, location }) => ({ me: await whoAmI(queryClient, location) }),
  component: screens.layout,
  errorComponent: PageError,
});

/** For a System Manager; the server decides what each call may do, this what is worth showing. */
const managers = createRoute({
  getParentRoute: () => loggedIn,
  id: 'managers',
  beforeLoad: ({ context: { me } }) => {
    if (!isManager(me)) throw redirect({ to: '/me', replace: true });
  },
});

const home = createRoute({
  getParentRoute: () => loggedIn,
  path: '/',
  beforeLoad: ({ context: { me } }) => {
    throw redirect({ to: isManager(me) ? '/overview' : '/me', replace: true });
  },
});
const overview = createRoute({ getParentRoute: () => managers, path: '/overview', component: screens.overview });
const users = createRoute({
  getParentRoute: () => managers,
  path: '/users',
  validateSearch: usersSearch,
  component: screens.users,
});
const user = createRoute({
  getParentRoute: () => managers,
  path: '/user/$name',
  validateSearch: userSearch,
  component: screens.user,
});
const roles = createRoute({ getParentRoute: () => managers, path: '/roles', component: screens.roles });
const activity = createRoute({
  getParentRoute: () => managers,
  path: '/activity',
  validateSearch: activitySearch,
  component: screens.activity,
});
const me = createRoute({ getParentRoute: () => loggedIn, path: '/me', component: screens.me });

export const routeTree = root.addChildren([
  login,
  loggedIn.addChildren([home, managers.addChildren([overview, users, user, roles, activity]), me]),
]);

async function whoAmI(queryClient: QueryClient, location: ParsedLocation): Promise<Principal> {
  if (!mayBeLoggedIn()) throw toLogin(location);
  try {
    return await queryClient.ensureQueryData(meQuery);
  } catch (error) {
    if (!isUnauthenticated(error)) throw error;
    queryClient.clear();
    throw toLogin(location);
  }
}

function toLogin({ pathname, searchStr }: ParsedLocation) {
  const next = pathname === '/' ? undefined : `${pathname}${searchStr}`;
  return redirect({ to: '/login', search: next ? { next } : {}, state: { ended: hadSession() }, replace: true });
}
