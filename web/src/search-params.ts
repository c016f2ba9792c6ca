import type { operations } from './api.schema.js';
import type { AuditEvent } from './api.js';
import { withoutSecret } from './without-secret.js';
import { words as shown } from './words/index.js';

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
const TABS = ['details', 'roles', 'api-access', 'sessions', 'activity'] as const;

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

export interface ActivitySearch {
  /** Who did it, or whom it is about. */
  user?: string | undefined;
  event?: AuditEvent | undefined;
  /** Days where the viewer is, as in 2026-11-30; both belong to what is chosen. */
  from?: string | undefined;
  to?: string | undefined;
  apiKey?: string | undefined;
  secretId?: string | undefined;
  address?: string | undefined;
  /** The session or secret by which it was done. */
  credential?: string | undefined;
}

export function activitySearch(raw: Raw): ActivitySearch {
  const text = (value: unknown) => (/\blks_/.test(String(value)) ? undefined : words(value));
  return {
    user: words(withoutSecret(String(raw.user ?? ''))),
    event: Object.keys(shown.activity.events).find((event) => event === raw.event) as AuditEvent | undefined,
    from: day(raw.from),
    to: day(raw.to),
    apiKey: words(withoutSecret(String(raw.apiKey ?? ''))),
    secretId: text(raw.secretId),
    address: text(raw.address),
    credential: text(raw.credential),
  };
}

/** Of this century: while a year is typed, a field has one of long ago. */
function day(value: unknown): string | undefined {
  const text = String(value);
  return /^2\d{3}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined;
}

function words(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function oneOf<T extends string>(values: readonly T[], value: unknown): T | undefined {
  return values.find((one) => one === value);
}
