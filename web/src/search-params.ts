import type { operations } from './api.schema.js';

type ListUsers = NonNullable<operations['listUsers']['parameters']['query']>;
export type KeyFilter = NonNullable<ListUsers['key']>;
export type UserSort = NonNullable<ListUsers['sort']>;
type Raw = Record<string, unknown>;

/** As people write them, all of them text: TanStack Router would put JSON into the address. */
export function parseSearch(text: string): Raw {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: object): string {
  const entries = Object.entries(search).filter(([, value]) => value !== undefined && value !== '');
  const query = new URLSearchParams(entries.map(([name, value]): [string, string] => [name, String(value)])).toString();
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
const SORTS = ['-createdAt', 'createdAt', 'fullName', '-fullName'] as const satisfies UserSort[];
const TABS = ['details', 'roles', 'api-access'] as const;

export interface LoginSearch {
  /** Where to go on: a path of the page, without /app. */
  next?: string;
}

/** `next` leads nowhere but into the page: it has to begin with one slash. */
export function loginSearch({ next }: Raw): LoginSearch {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? { next } : {};
}

export interface UsersSearch {
  search?: string;
  key?: KeyFilter;
  role?: string;
  enabled?: boolean;
  sort?: UserSort;
  cursor?: string;
}

export function usersSearch(raw: Raw): UsersSearch {
  return withoutUndefined({
    search: words(raw.search),
    key: oneOf(KEY_FILTERS, raw.key),
    role: words(raw.role),
    enabled: String(raw.enabled) === 'true' ? true : String(raw.enabled) === 'false' ? false : undefined,
    sort: oneOf(SORTS, raw.sort),
    cursor: words(raw.cursor),
  });
}

export interface UserSearch {
  /** Without one it is the details. */
  tab?: (typeof TABS)[number];
}

export function userSearch(raw: Raw): UserSearch {
  return withoutUndefined({ tab: oneOf(TABS, raw.tab) });
}

function words(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function oneOf<T extends string>(values: readonly T[], value: unknown): T | undefined {
  return values.find((one) => one === value);
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** A parameter that is not there is no property: the router compares objects. */
function withoutUndefined<T extends object>(search: T): Given<T> {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as Given<T>;
}
