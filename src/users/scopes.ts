import type { Principal } from './principal.js';

/** The scopes of Latchkey's own routes. */
export const OWN_SCOPES = [
  'users:read',
  'users:write',
  'roles:read',
  'roles:write',
  'keys:read',
  'keys:write',
  'sessions:read',
  'sessions:write',
  'audit:read',
] as const;

export const MAX_SCOPE = 100;
const SEGMENT = '[a-z0-9][a-z0-9._-]*';
const SCOPE = new RegExp(`^${SEGMENT}(:${SEGMENT})*$`);
/** At the end of a granted scope: all scopes below it. */
const ALL_BELOW = ':*';

/** Whether a route may need that scope: segments joined by `:`, as in `reports:read`, at most 100 characters. */
export function isScope(text: string): boolean {
  return text.length <= MAX_SCOPE && SCOPE.test(text);
}

/** Whether a secret may be given that scope: one that a route may need, or `reports:*`, all below `reports`. */
export function isGrantable(text: string): boolean {
  return text.length <= MAX_SCOPE && SCOPE.test(hasStar(text) ? text.slice(0, -ALL_BELOW.length) : text);
}

export function hasStar(granted: string): boolean {
  return granted.endsWith(ALL_BELOW);
}

/** What the scopes under a star begin with: `reports:` for `reports:*`. */
export function prefixOf(star: string): string {
  return star.slice(0, -1);
}

/** The granted scopes that open what needs that one: itself, and each star above it. */
export function coveredBy(scope: string): string[] {
  const parts = scope.split(':');
  return [scope, ...parts.slice(1).map((_, i) => `${parts.slice(0, i + 1).join(':')}${ALL_BELOW}`)];
}

interface Granted {
  readonly exact: ReadonlySet<string>;
  readonly prefixes: readonly string[];
}

/** Lists of scopes that were taken apart. All requests with a secret share its list. */
const taken = new WeakMap<readonly string[], Granted>();

function takeApart(scopes: readonly string[]): Granted {
  let granted = taken.get(scopes);
  if (!granted) {
    granted = { exact: new Set(scopes), prefixes: scopes.filter(hasStar).map(prefixOf) };
    taken.set(scopes, granted);
  }
  return granted;
}

/** Whether scopes that were granted open what needs `scope`; for a scope with a star, whether they contain it. */
function covers(scopes: readonly string[], scope: string): boolean {
  const { exact, prefixes } = takeApart(scopes);
  return exact.has(scope) || prefixes.some((prefix) => scope.startsWith(prefix));
}

/**
 * Whether this caller may do what needs that scope. True for who has no scopes: an unrestricted secret, a session, and a
 * principal of another strategy. For what `@Scopes` can't say; the roles are judged apart.
 */
export function hasScope(
  principal: Pick<Principal, 'credential'> | { credential?: undefined },
  scope: string,
): boolean {
  const scopes = principal.credential?.scopes ?? null;
  return scopes === null || covers(scopes, scope);
}

/** Whether a secret with the scopes `wanted` may do no more than one with the scopes `own`; null is for everything. */
export function isWithinScopes(wanted: readonly string[] | null, own: readonly string[] | null): boolean {
  return own === null || (wanted !== null && wanted.every((scope) => covers(own, scope)));
}
