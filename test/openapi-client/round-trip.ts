import createClient from 'openapi-fetch';
import type { components, paths } from './api.js';

/**
 * What somebody writes who has generated the types from the document: each operation once. openapi-client.spec.ts
 * generates `api.d.ts` beside a copy of this file, compiles both, and runs it.
 */

const { LATCHKEY_URL: baseUrl = '', LATCHKEY_TOKEN: token = '' } = process.env;
const as = (Authorization: string) => createClient<paths>({ baseUrl, headers: { Authorization } });
const manager = as(token);

interface Outcome<T> {
  data?: T;
  error?: components['schemas']['Problem'];
  response: Response;
}

async function good<T>(outcome: Promise<Outcome<T>>): Promise<T> {
  const { data, error, response } = await outcome;
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${error?.detail}`);
  return data as T;
}

function same(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${String(actual)} is not ${String(expected)}`);
}

export async function roundTrip(): Promise<void> {
  const open = createClient<paths>({ baseUrl });
  same((await good(open.GET('/health/live'))).status, 'ok');
  same((await good(open.GET('/health/ready'))).status, 'ok');

  await good(manager.POST('/v1/roles', { body: { name: 'Round Trip' } }));
  const roles = await good(manager.GET('/v1/roles'));
  same(
    roles.data.some(({ name }) => name === 'Round Trip'),
    true,
  );

  const user = await good(
    manager.POST('/v1/users', {
      body: { email: 'Round.Trip@example.com', fullName: 'A User', roles: ['Round Trip'] },
    }),
  );
  same(user.email?.toUpperCase(), 'ROUND.TRIP@EXAMPLE.COM');
  const path = { name: user.name };
  const read = await manager.GET('/v1/users/{name}', { params: { path } });
  const header = { 'If-Match': read.response.headers.get('etag')! };
  same(
    (await good(manager.PATCH('/v1/users/{name}', { params: { path, header }, body: { fullName: 'Another' } })))
      .fullName,
    'Another',
  );
  const stale = await manager.PATCH('/v1/users/{name}', { params: { path, header }, body: { enabled: false } });
  same(stale.error?.code, 'stale');
  const page = await good(manager.GET('/v1/users', { params: { query: { limit: 1 } } }));
  const next = await good(manager.GET('/v1/users', { params: { query: { cursor: page.nextCursor! } } }));
  same(next.data[0]?.name !== page.data[0]?.name, true);

  const narrowed = { search: 'round', role: 'Round Trip', enabled: true };
  same((await good(manager.GET('/v1/users', { params: { query: narrowed } }))).data.length, 1);

  const first = await good(manager.POST('/v1/api-keys', { body: { user: user.name } }));
  const key = { apiKey: first.apiKey };
  const owner = as(`token ${first.apiKey}:${first.apiSecret}`);
  const me = await good(owner.GET('/v1/me'));
  same(me.credential.secretId, first.secretId);
  same((await good(owner.GET('/v1/api-keys'))).data.length, 1);
  same((await good(owner.GET('/v1/api-keys/{apiKey}', { params: { path: key } }))).secrets[0]?.revokedAt, null);

  const second = await good(
    manager.POST('/v1/api-keys/{apiKey}/secrets', {
      params: { path: key },
      body: { expiresAt: new Date(Date.now() + 60_000).toISOString() },
    }),
  );
  same(second.apiKey, first.apiKey);
  same((await owner.GET('/v1/me')).error?.code, 'unauthenticated');
  await good(
    manager.DELETE('/v1/api-keys/{apiKey}/secrets/{id}', { params: { path: { ...key, id: second.secretId } } }),
  );
  await good(manager.DELETE('/v1/api-keys/{apiKey}/secrets', { params: { path: key } }));
  await good(manager.DELETE('/v1/users/{name}', { params: { path } }));
  await good(manager.DELETE('/v1/roles/{name}', { params: { path: { name: 'Round Trip' } } }));
}

/** Never called: each of these has to be an error to the compiler. */
export async function wrong(): Promise<void> {
  const path = { name: 'user@example.com' };
  // @ts-expect-error -- no such path
  await manager.GET('/v1/user');
  // @ts-expect-error -- no such method on that path
  await manager.PATCH('/v1/users');
  // @ts-expect-error -- a field is missing
  await manager.POST('/v1/users', { body: { email: 'user@example.com' } });
  // @ts-expect-error -- no such field (openapi-fetch itself infers the type of a body, and lets more fields through)
  const body: components['schemas']['CreateRole'] = { name: 'X', nope: 1 };
  await manager.POST('/v1/roles', { body });
  // @ts-expect-error -- a wrong type
  await manager.PATCH('/v1/users/{name}', { params: { path }, body: { enabled: 'yes' } });
  // @ts-expect-error -- null is not absent
  await manager.PATCH('/v1/users/{name}', { params: { path }, body: { fullName: null } });
  // @ts-expect-error -- no such parameter
  await manager.GET('/v1/users', { params: { query: { page: 2 } } });
  // @ts-expect-error -- a parameter is missing
  await manager.GET('/v1/users/{name}');
  const { data, error } = await manager.GET('/v1/users/{name}', { params: { path } });
  // @ts-expect-error -- no such field in the answer
  same(data?.password, undefined);
  // @ts-expect-error -- Administrator has none
  same(data?.email.length, 16);
  // @ts-expect-error -- reading a user never conflicts
  if (error?.code === 'conflict') throw error;
}

await roundTrip();
process.stdout.write('done\n');
