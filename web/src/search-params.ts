import type { operations } from './api.schema.js';
import { withoutSecret } from './without-secret.js';

type ListUsers = NonNullable<operations['listUsers']['parameters']['query']>;
export type KeyFilter = NonNullable<ListUsers['key']>;
export type UserSort = NonNullable<ListUsers['sort']>;
type Raw = Record<string, unknown>;

/** As people write them, all of them text: TanStack Router would put JSON into the address. */
export function parseSearch(text: string): Raw {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: Raw): string {
  const entries = Object.entries(search).filter(([, value]) => value !== undefined && value !== '');
  const query = new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString();
  return query === '' ? '' : `?${query}`;
}

export const KEY_FILTERS = [
  'live',
  'never-used',
  'unused-30-days',
  'unused-90-days',
  'expiring',
  'revoked',
  'none',
] as const satisfies KeyFilter[];
const SORTS = [
  '-createdAt',
  'createdAt',
  'fullName',
  '-fullName',
  'lastUsedAt',
  '-lastUsedAt',
  'expiresAt',
  '-expiresAt',
] as const satisfies UserSort[];
const TABS = ['details', 'roles', 'api-access', 'sessions'] as const;

// A parameter that makes no sense is undefined, and not left out: the router would take it from the address as it is.

export interface LoginSearch {
  /** Where to go on: a path of the page, without /app. */
  next?: string | undefined;
}

/** `next` leads nowhere but into the page: it has to begin with one slash. */
export function loginSearch({ next }: Raw): LoginSearch {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? { next } : { next: undefined };
}

export interface UsersSearch {
  search?: string | undefined;
  key?: KeyFilter | undefined;
  role?: string | undefined;
  enabled?: boolean | undefined;
  sort?: UserSort | undefined;
  cursor?: string | undefined;
}

export function usersSearch(raw: Raw): UsersSearch {
  return {
    search: words(withoutSecret(String(raw.search ?? ''))),
    key: oneOf(KEY_FILTERS, raw.key),
    role: words(raw.role),
    enabled: String(raw.enabled) === 'true' ? true : String(raw.enabled) === 'false' ? false : undefined,
    sort: oneOf(SORTS, raw.sort),
    cursor: words(raw.cursor),
  };
}

export interface UserSearch {
  /** Without one it is the details. */
  tab?: (typeof TABS)[number] | undefined;
}

export function userSearch(raw: Raw): UserSearch {
  return { tab: oneOf(TABS, raw.tab) };
}

function words(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function oneOf<T extends string>(values: readonly T[], value: unknown): T | undefined {
  return values.find((one) => one === value);
}
