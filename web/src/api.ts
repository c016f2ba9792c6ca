import createClient from 'openapi-fetch';
import type { components, paths } from './api.schema.js';
import { Problem, problemOf, UNREACHABLE } from './problem.js';
import { untilReachable } from './reachable.js';

type Schemas = components['schemas'];
export type Principal = Schemas['Principal'];
export type User = Schemas['User'];
export type KeySummary = Schemas['KeySummary'];
export type ApiKey = Schemas['ApiKey'];
export type Secret = Schemas['Secret'];
export type Scope = Schemas['Scope'];
export type GeneratedKey = Schemas['GeneratedKey'];
export type Session = Schemas['Session'];
export type UsageCount = Schemas['UsageCount'];
export type Overview = Schemas['Overview'];
export type AuditRecord = Schemas['AuditRecord'];
export type AuditPage = Schemas['AuditPage'];
export type AuditEvent = Schemas['AuditEvent'];
type UserQuery = NonNullable<paths['/v1/users']['get']['parameters']['query']>;
export type KeyFilter = NonNullable<UserQuery['key']>;
export type AuditQuery = NonNullable<paths['/v1/audit']['get']['parameters']['query']>;
export type UserSort = NonNullable<UserQuery['sort']>;

/** The REST API. A call that is refused throws a Problem. */
export const api = createClient<paths>({ baseUrl: location.origin });

let onSessionLost: () => void = () => {};

/** Is called when a call is refused because there is no session any more. */
export function whenSessionIsLost(listener: () => void): void {
  onSessionLost = listener;
}

api.use({
  async onResponse({ response, schemaPath }) {
    if (response.ok) return;
    const problem = await problemOf(response);
    // Logging in says 401 of a wrong password, and who asks for /v1/me decides what its 401 means.
    if (problem.status === 401 && schemaPath !== '/v1/session' && schemaPath !== '/v1/me') onSessionLost();
    throw problem;
  },
  onError({ error }) {
    if (error instanceof DOMException) return error; // an aborted call stays one
    void untilReachable();
    return UNREACHABLE;
  },
});

/** The body of the answer. @throws Problem */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  return (await call).data as NonNullable<T>;
}

export function isUnauthenticated(error: unknown): boolean {
  return error instanceof Problem && error.status === 401;
}

/** It was built on a state of a user or key that is not the newest any more. */
export function isStale(error: unknown): boolean {
  return error instanceof Problem && error.code === 'stale';
}
